import Foundation
import Logging
import NIOCore
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
import TalkootTesting
import Testing

@testable import TalkootVolunteer

/// A requester or a holder: answers fetches of the input and remembers what it was asked and told.
private final class StandIn: PeerHandler {
    struct Told {
        var chunks: Set<UInt64> = []
        var complaints: [Message.Complaint] = []
        var holdings: [Message.Holding] = []
        var isClosed = false
    }

    private let told = Mutex(Told())
    private let answer: @Sendable (Message, PeerConnection) -> Void

    init(_ answer: @escaping @Sendable (Message, PeerConnection) -> Void) { self.answer = answer }

    var seen: Told { told.withLock { $0 } }

    func connected(_ connection: PeerConnection) {}

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        guard case .message(let message) = event else { return }
        told.withLock { told in
            switch message {
            case .fetch(let fetch) where fetch.subject == .input: told.chunks.insert(fetch.offset)
            case .complaint(let complaint): told.complaints.append(complaint)
            case .holding(let holding): told.holdings.append(holding)
            default: break
            }
        }
        answer(message, connection)
    }

    func closed(_ connection: PeerConnection, error: TalkootError?) { told.withLock { $0.isClosed = true } }
}

/// Passes on what comes from the requester, as a volunteer's session does.
private final class Passage: PeerHandler {
    let swarm = Mutex<JobSwarm?>(nil)

    func connected(_ connection: PeerConnection) {}

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        guard let swarm = swarm.withLock({ $0 }) else { return }
        switch event {
        case .chunk(let chunk):
            swarm.received(stream: chunk.stream, offset: chunk.offset, Array(chunk.bytes.readableBytesView), from: .seed)
        case .message(.holders(let holders)): swarm.met(holders)
        case .message(.error(let fault)): _ = swarm.refused(bySeed: fault)
        default: break
        }
    }

    func closed(_ connection: PeerConnection, error: TalkootError?) {}
}

/// A job's swarm over loopback TLS: the volunteer under test, a requester, and holders that a test makes behave as it likes.
private final class Scene: Sendable {
    let content: [UInt8]
    let list: ChunkList
    let ticket = Hashing.sha256([1, 2, 3])
    let directory: TemporaryDirectory
    let network: PeerNetwork
    private let others = Mutex<[PeerNetwork]>([])
    private let listeners = Mutex<[PeerListener]>([])
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let id = JobID(rawValue: 99)

    init(bytes: Int) throws {
        var random = SeededRandom(seed: 3)
        let content = (0..<bytes).map { _ in UInt8.random(in: 0...255, using: &random) }
        let layout = try #require(ChunkLayout(sizeBytes: UInt64(bytes)))
        list = try ChunkList(layout) { range throws(TalkootError) in Array(content[Int(range.lowerBound)..<Int(range.upperBound)]) }
        self.content = content
        directory = try TemporaryDirectory()
        network = PeerNetwork(identity: try PeerIdentity.ephemeral(), logger: logger)
    }

    /// Lets a peer listen; gives where.
    func listen(_ handler: StandIn) async throws -> Message.Contact {
        let identity = try PeerIdentity.ephemeral()
        let other = PeerNetwork(identity: identity, logger: logger)
        let listener = try await other.listen(host: "127.0.0.1", port: 0) { _ in handler }
        others.withLock { $0.append(other) }
        listeners.withLock { $0.append(listener) }
        return Message.Contact(peer: identity.id, address: "127.0.0.1", port: UInt16(listener.port))
    }

    /// The bytes that a fetch wants.
    func bytes(_ fetch: Message.Fetch) -> [UInt8] {
        let source = fetch.subject == .inputList ? list.bytes : content
        let end = min(source.count, Int(fetch.offset + fetch.length))
        return Array(source[Int(fetch.offset)..<end])
    }

    func send(_ bytes: [UInt8], for fetch: Message.Fetch, on connection: PeerConnection) {
        connection.send(Chunk(stream: fetch.stream, offset: fetch.offset, bytes: ByteBuffer(bytes: bytes), isLast: true))
    }

    /// A holder that has everything; `distort` may change what it sends.
    func holder(_ distort: @escaping @Sendable ([UInt8]) -> [UInt8]) -> StandIn {
        StandIn { [self] message, connection in
            switch message {
            case .swarm(let greeting):
                connection.send(.swarm(Message.SwarmGreeting(job: id, ticket: greeting.ticket)))
                let bits = ChunkSet.full(bound: list.layout.count).bytes
                connection.send(.have(Message.Have(job: id, subject: .input, bits: bits)))
            case .fetch(let fetch): send(distort(bytes(fetch)), for: fetch, on: connection)
            default: break
            }
        }
    }

    /// The volunteer's part in the job, connected to `requester`; what its agent fetches goes to `deliver`.
    func join(
        _ requester: Message.Contact, isSpread: Bool = true, deliver: @escaping @Sendable (Message.Fetch, [UInt8]) -> Void
    ) async throws -> JobSwarm {
        let passage = Passage()
        let endpoint = PeerEndpoint(host: requester.address, port: Int(requester.port), pin: requester.peer)
        let connection = try await network.connect(to: endpoint, framing: .frames, handler: passage)
        let clock = AgentClock()
        let hub = try SwarmHub(
            SwarmAllowance(directory: directory.path + "/swarm", uploadBytesPerSecond: 1 << 30), network: network, at: clock.now())
        let terms = Message.SwarmTerms(ticket: ticket, input: list.name, isSpread: isSpread)
        var job = job(99, inputBytes: UInt64(content.count))
        job.swarm = terms
        let swarm = JobSwarm(
            JobSwarm.Context(job: job, terms: terms, hub: hub, seed: connection, clock: clock, logger: logger, deliver: deliver))
        passage.swarm.withLock { $0 = swarm }
        swarm.start()
        return swarm
    }

    func stop() async {
        for listener in listeners.withLock({ $0 }) { await listener.close() }
        for other in others.withLock({ $0 }) { await other.shutdown() }
        await network.shutdown()
    }
}

@Suite("A job's swarm", .timeLimit(.minutes(2)))
struct SwarmTests {
    /// The volunteer's own fetch of everything, in pieces as its agent makes them.
    private func fetchAll(_ scene: Scene, _ swarm: JobSwarm) -> Int {
        let pieces = stride(from: 0, to: scene.content.count, by: 1 << 20)
        for (number, start) in pieces.enumerated() {
            let length = min(1 << 20, scene.content.count - start)
            let fetch = Message.Fetch(
                stream: UInt32(number + 1), job: scene.id, subject: .input, offset: UInt64(start), length: UInt64(length))
            #expect(swarm.take(fetch))
        }
        return pieces.underestimatedCount
    }

    private func collect(_ stream: AsyncStream<(Message.Fetch, [UInt8])>, _ count: Int, _ scene: Scene) async {
        var left = count
        for await (fetch, bytes) in stream {
            #expect(bytes == scene.bytes(fetch), "the agent was given wrong bytes at \(fetch.offset)")
            left -= 1
            if left == 0 { return }
        }
    }

    @Test("A holder that serves wrong bytes is left and reported, and every byte that arrives is right all the same")
    func liar() async throws {
        let scene = try Scene(bytes: 3_000_000)
        let liar = scene.holder { bytes in bytes.enumerated().map { $0 == 77 ? $1 ^ 1 : $1 } }
        let honest = scene.holder { $0 }
        let (bad, good) = (try await scene.listen(liar), try await scene.listen(honest))
        // The requester names the liar in place of every chunk, the other one when it hears a complaint, and sends when it is asked again.
        let requester = StandIn { message, connection in
            switch message {
            case .complaint(let complaint): connection.send(.holders(Message.Holders(job: complaint.job, contacts: [good])))
            case .fetch(let fetch) where fetch.mayRefer:
                connection.send(.holders(Message.Holders(job: fetch.job, stream: fetch.stream, contacts: [bad])))
            case .fetch(let fetch): scene.send(scene.bytes(fetch), for: fetch, on: connection)
            default: break
            }
        }
        let (stream, sink) = AsyncStream.makeStream(of: (Message.Fetch, [UInt8]).self)
        let swarm = try await scene.join(try await scene.listen(requester)) { sink.yield(($0, $1)) }
        await collect(stream, fetchAll(scene, swarm), scene)
        #expect(requester.seen.complaints.map(\.peer) == [bad.peer])
        #expect(liar.seen.chunks.count <= SwarmLimits.openChunks, "the liar was asked again")
        #expect(!honest.seen.chunks.isEmpty)
        #expect(requester.seen.holdings.first?.job == scene.id)
        swarm.end(isDone: true)
        #expect(try Self.files(scene).isEmpty, "the job is done, and its input still here")
        await scene.stop()
    }

    @Test("A list of digests that is not the named one is not used: what is wanted comes from the requester as without a swarm")
    func forgedList() async throws {
        let scene = try Scene(bytes: 2_000_000)
        let plain = Mutex<[Message.Fetch]>([])
        let (asked, sink) = AsyncStream.makeStream(of: Void.self)
        let requester = StandIn { message, connection in
            guard case .fetch(let fetch) = message else { return }
            if fetch.subject == .inputList {
                var forged = scene.list.bytes
                forged[forged.count - 1] ^= 1
                scene.send(forged, for: fetch, on: connection)
            } else {
                plain.withLock { $0.append(fetch) }
                sink.yield()
            }
        }
        let swarm = try await scene.join(try await scene.listen(requester)) { _, _ in Issue.record("a chunk of a forged list was used") }
        let count = fetchAll(scene, swarm)
        var seen = 0
        for await _ in asked {
            seen += 1
            if seen == count { break }
        }
        #expect(plain.withLock { $0.map(\.stream).sorted() } == (1...count).map { UInt32($0) })
        swarm.end(isDone: false)
        await scene.stop()
    }

    @Test("Parts of chunks are left to the requester, whole chunks come from the swarm")
    func parts() async throws {
        let scene = try Scene(bytes: 2_000_000)
        let requester = StandIn { message, connection in
            if case .fetch(let fetch) = message { scene.send(scene.bytes(fetch), for: fetch, on: connection) }
        }
        let (stream, sink) = AsyncStream.makeStream(of: (Message.Fetch, [UInt8]).self)
        let swarm = try await scene.join(try await scene.listen(requester), isSpread: false) { sink.yield(($0, $1)) }
        let whole = Message.Fetch(stream: 1, job: scene.id, subject: .input, offset: 128 << 10, length: 256 << 10)
        #expect(swarm.take(whole))
        await collect(stream, 1, scene)
        #expect(requester.seen.chunks == [128 << 10, 256 << 10])
        let part = Message.Fetch(stream: 2, job: scene.id, subject: .input, offset: 500_000, length: 100_000)
        #expect(!swarm.take(part))
        let held = Message.Fetch(stream: 3, job: scene.id, subject: .input, offset: 200_000, length: 100_000)
        #expect(swarm.take(held))
        await collect(stream, 1, scene)
        #expect(!swarm.take(Message.Fetch(stream: 4, job: scene.id, subject: .module, offset: 0, length: 1)))
        swarm.end(isDone: false)
        #expect(try !Self.files(scene).isEmpty, "a job that may come back keeps what it has")
        await scene.stop()
    }

    @Test("Only who shows the job's ticket gets chunks, and only those that are here")
    func tickets() async throws {
        let scene = try Scene(bytes: 2_000_000)
        let requester = StandIn { message, connection in
            if case .fetch(let fetch) = message { scene.send(scene.bytes(fetch), for: fetch, on: connection) }
        }
        let (stream, sink) = AsyncStream.makeStream(of: (Message.Fetch, [UInt8]).self)
        let swarm = try await scene.join(try await scene.listen(requester), isSpread: false) { sink.yield(($0, $1)) }
        #expect(swarm.take(Message.Fetch(stream: 1, job: scene.id, subject: .input, offset: 0, length: 128 << 10)))
        await collect(stream, 1, scene)

        // Somebody else, over a connection of his own, whose far end greets the swarm as a session would.
        let link = Mutex<SwarmLink?>(nil)
        let (answers, told) = AsyncStream.makeStream(of: PeerEvent.self)
        let listener = try await scene.network.listen(host: "127.0.0.1", port: 0) { _ in
            Door { event, connection in
                if let link = link.withLock({ $0 }) { return link.receive(event, on: connection) }
                guard case .message(.swarm(let greeting)) = event else { return }
                link.withLock { $0 = swarm.accept(greeting, connection) }
                if link.withLock({ $0 == nil }) { connection.send(.holding(Message.Holding(job: greeting.job, port: 0))) }
            }
        }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let stranger = PeerNetwork(identity: try PeerIdentity.ephemeral(), logger: logger)
        let connection = try await stranger.connect(
            to: PeerEndpoint(host: "127.0.0.1", port: listener.port), framing: .frames, handler: Door { event, _ in told.yield(event) })
        var events = answers.makeAsyncIterator()
        connection.send(.swarm(Message.SwarmGreeting(job: scene.id, ticket: Hashing.sha256([9]))))
        #expect(await events.next() == .message(.holding(Message.Holding(job: scene.id, port: 0))), "a wrong ticket was taken")
        connection.send(.swarm(Message.SwarmGreeting(job: scene.id, ticket: scene.ticket)))
        #expect(await events.next() == .message(.swarm(Message.SwarmGreeting(job: scene.id, ticket: scene.ticket))))
        #expect(await events.next() == .message(.have(Message.Have(job: scene.id, subject: .input, bits: [1, 0]))))
        connection.send(.fetch(Message.Fetch(stream: 5, job: scene.id, subject: .input, offset: 128 << 10, length: 128 << 10)))
        guard case .message(.error(let fault))? = await events.next() else {
            Issue.record("an absent chunk was not refused")
            return
        }
        #expect(fault.stream == 5 && fault.code == "not-found")
        connection.send(.fetch(Message.Fetch(stream: 6, job: scene.id, subject: .input, offset: 0, length: 128 << 10)))
        guard case .chunk(let chunk)? = await events.next() else {
            Issue.record("no chunk came")
            return
        }
        #expect(chunk.stream == 6 && Array(chunk.bytes.readableBytesView) == Array(scene.content[..<(128 << 10)]))
        swarm.end(isDone: true)
        await listener.close()
        await stranger.shutdown()
        await scene.stop()
    }

    /// The names of the blobs that are kept.
    private static func files(_ scene: Scene) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: scene.directory.path + "/swarm")
    }
}

/// A handler that is a closure.
private final class Door: PeerHandler {
    private let react: @Sendable (PeerEvent, PeerConnection) -> Void
    init(_ react: @escaping @Sendable (PeerEvent, PeerConnection) -> Void) { self.react = react }
    func connected(_ connection: PeerConnection) {}
    func receive(_ event: PeerEvent, on connection: PeerConnection) { react(event, connection) }
    func closed(_ connection: PeerConnection, error: TalkootError?) {}
}
