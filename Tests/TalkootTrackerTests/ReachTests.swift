import Foundation
import Logging
import NIOCore
import Synchronization
import TalkootCore
import TalkootPeer
import TalkootProtocol
import Testing

@testable import TalkootTracker

/// What a connection brings, for a test to wait for.
private final class Ear: PeerHandler {
    private let events: AsyncStream<PeerEvent>
    private let feed: AsyncStream<PeerEvent>.Continuation
    let connection = Mutex<PeerConnection?>(nil)

    init() { (events, feed) = AsyncStream.makeStream(of: PeerEvent.self) }

    func connected(_ connection: PeerConnection) { self.connection.withLock { $0 = connection } }
    func receive(_ event: PeerEvent, on connection: PeerConnection) { feed.yield(event) }
    func closed(_ connection: PeerConnection, error: TalkootError?) { feed.finish() }

    /// The next event; `nil` when the connection is over.
    func next() async -> PeerEvent? {
        for await event in events { return event }
        return nil
    }
}

/// A volunteer's end, logged in at the tracker and following invitations.
private final class Callee: Sendable {
    let network: PeerNetwork
    let ear = Ear()
    let client: TrackerClient
    let ways: AsyncStream<Result<Way, TalkootError>>

    init(_ tracker: RunningTracker, name: String, follows: Bool = true) async throws {
        let (network, ear) = (PeerNetwork(identity: try .ephemeral(), logger: quiet), ear)
        let (ways, feed) = AsyncStream.makeStream(of: Result<Way, TalkootError>.self)
        let endpoint = tracker.endpoint
        self.network = network
        self.ways = ways
        client = try await TrackerClient.connect(
            to: endpoint, network: network,
            callbacks: TrackerClient.Callbacks(invited: { invitation in
                guard follows else { return }
                Task {
                    do throws(TalkootError) {
                        let connection = try await network.follow(invitation, from: endpoint, witness: "127.0.0.1") { _ in ear }
                        feed.yield(.success(connection.remote.way))
                    } catch {
                        feed.yield(.failure(error))
                    }
                }
            }))
        try await client.signup(name: name, password: "secret")
        _ = try await client.login(name: name, password: "secret", port: 7120, status: "active")
    }

    /// The tracker's record, with a port at which nobody listens.
    func record(_ reach: Reachability? = .relay) -> PeerRecord {
        PeerRecord(name: "callee", address: "127.0.0.1", port: 0, status: "active", peer: network.identity?.id, reach: reach)
    }
}

private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

@Suite("Peers that cannot dial each other", .serialized)
struct ReachTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A tracker, a callee, and a caller with a token.
    private func withPeers(
        follows: Bool = true, _ body: (RunningTracker, Callee, PeerNetwork, Rendezvous) async throws -> Void
    ) async throws {
        try await withTracker(scratch("tracker")) { tracker in
            let callee = try await Callee(tracker, name: "callee", follows: follows)
            let caller = PeerNetwork(identity: try .ephemeral(), logger: quiet)
            let client = try await TrackerClient.connect(to: tracker.endpoint, network: caller)
            try await client.signup(name: "caller", password: "secret")
            let token = try #require(try await client.login(name: "caller", password: "secret"))
            await client.quit()
            do {
                try await body(tracker, callee, caller, Rendezvous(tracker: tracker.endpoint, token: token))
            } catch {
                await caller.shutdown()
                await callee.network.shutdown()
                throw error
            }
            await caller.shutdown()
            await callee.network.shutdown()
        }
    }

    private func job(_ number: UInt64) throws -> JobID { try #require(JobID(String(format: "%016llx", number))) }

    @Test("The relay carries frames both ways between keys that are proven end to end, and ends with either end")
    func relay() async throws {
        try await withPeers { tracker, callee, caller, rendezvous in
            let ear = Ear()
            let connection = try await caller.reach(callee.record(), through: rendezvous, handler: ear)
            #expect(connection.remote.way == .relayed)
            #expect(connection.remote.peer == callee.network.identity?.id)
            #expect(connection.remote.isEncrypted)
            let question = Message.cancel(Message.Cancellation(job: try job(1), reason: "hello"))
            connection.send(question)
            #expect(await callee.ear.next() == .message(question))
            let other = try #require(callee.ear.connection.withLock { $0 })
            #expect(other.remote.peer == caller.identity?.id)
            #expect(other.remote.way == .relayed)
            #expect(!other.remote.isLoopback, "what comes through a tracker on this machine is not this machine's")
            other.send(question)
            #expect(await ear.next() == .message(question))
            #expect(tracker.service.relay.withLock { $0.count } == 1)
            connection.close()
            #expect(await callee.ear.next() == nil)
            try await until { tracker.service.relay.withLock { $0.count } == 0 }
        }
    }

    @Test("8 MiB come through whole and in order, at most at the circuit's rate")
    func bulk() async throws {
        try await withPeers { tracker, callee, caller, rendezvous in
            let connection = try await caller.reach(callee.record(), through: rendezvous, handler: Ear())
            let part = 1 << 20
            let pieces = (0..<8).map { number in
                ByteBuffer(bytes: [UInt8](repeating: UInt8(number), count: part / 2) + [UInt8](repeating: 0xFF, count: part / 2))
            }
            let start = ContinuousClock.now
            for (number, bytes) in pieces.enumerated() {
                connection.send(Chunk(stream: 1, offset: UInt64(number * part), bytes: bytes, isLast: number == 7))
            }
            for (number, bytes) in pieces.enumerated() {
                guard case .chunk(let chunk)? = await callee.ear.next() else {
                    Issue.record("the circuit ended at chunk \(number)")
                    return
                }
                #expect(chunk.offset == UInt64(number * part) && chunk.bytes == bytes, "chunk \(number)")
            }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let least = (8 * Double(part) - Limits.circuitBurstBytes) / Limits.circuitBytesPerSecond
            print("relay: 8 MiB in \(seconds) s, \(least) s at the rate of a circuit")
            #expect(seconds >= least * 0.95)
        }
    }

    @Test("Who can be dialled back is dialled back, by the invited key alone")
    func reverse() async throws {
        try await withPeers { tracker, callee, caller, rendezvous in
            let door = try await ReverseDoor.open(network: caller)
            var rendezvous = rendezvous
            rendezvous.door = door
            let connection = try await caller.reach(callee.record(), through: rendezvous, handler: Ear())
            #expect(connection.remote.way == .reverse)
            #expect(connection.remote.peer == callee.network.identity?.id)
            var ways = callee.ways.makeAsyncIterator()
            #expect(try await ways.next()?.get() == .reverse)
            let question = Message.cancel(Message.Cancellation(job: try job(2), reason: "hello"))
            connection.send(question)
            #expect(await callee.ear.next() == .message(question))
            connection.close()
            // Somebody who is not waited for is turned away.
            let stranger = Message.Invitation(
                circuit: try #require(CircuitID("00112233445566778899aabbccddeeff")), peer: try #require(caller.identity?.id),
                address: "127.0.0.1", port: door.port)
            await #expect(throws: TalkootError.self) {
                try await callee.network.follow(stranger, from: tracker.endpoint, witness: "127.0.0.1") { _ in Ear() }
            }
        }
    }

    @Test("A peer whose port answers is dialled though the tracker could introduce")
    func direct() async throws {
        try await withPeers { _, callee, caller, rendezvous in
            let ear = callee.ear
            let listener = try await callee.network.listen(host: "127.0.0.1", port: 0) { _ in ear }
            let port = UInt16(listener.port)
            #expect(try await callee.client.checkReach(port: port).content == "yes")
            let listed = try await callee.client.peerList().first { $0.name == "callee" }
            #expect(listed?.reach == .direct)
            var record = callee.record(.direct)
            record.port = port
            let connection = try await caller.reach(record, through: rendezvous, handler: Ear())
            #expect(connection.remote.way == .direct)
        }
    }

    @Test("A port at which nobody or somebody else listens is found out and listed")
    func unreachable() async throws {
        try await withPeers { tracker, callee, caller, _ in
            let gone = try await callee.network.listen(host: "127.0.0.1", port: 0) { _ in Ear() }
            await gone.close()
            let closed = try await callee.client.checkReach(port: UInt16(gone.port))
            #expect(closed.content == "no" && closed.reason?.contains("nobody listens") == true, "\(closed)")
            let other = try await caller.listen(host: "127.0.0.1", port: 0) { _ in Ear() }
            let foreign = try await callee.client.checkReach(port: UInt16(other.port))
            #expect(foreign.content == "no" && foreign.reason?.contains("proves to be") == true, "\(foreign)")
            let system = try await callee.client.checkReach(port: 22)
            #expect(system.reason?.contains("below 1024") == true, "\(system)")
            #expect(try await callee.client.peerList().first?.reach == .relay)
            #expect(tracker.service.probes.withLock { $0 } == 0)
        }
    }

    @Test("Who is not here, does not follow, or is asked for without a login is told so")
    func refusals() async throws {
        try await withPeers(follows: false) { tracker, callee, caller, rendezvous in
            let nobody = PeerRecord(name: "x", address: "127.0.0.1", port: 0, status: "active", peer: try PeerIdentity.ephemeral().id)
            let absent = await fault { _ = try await caller.reach(nobody, through: rendezvous, handler: Ear()) }
            #expect(absent?.message.contains("is not here") == true, "\(String(describing: absent))")
            let own = PeerRecord(name: "x", address: "127.0.0.1", port: 0, status: "active", peer: caller.identity?.id)
            let oneself = await fault { _ = try await caller.reach(own, through: rendezvous, handler: Ear()) }
            #expect(oneself?.message.contains("is not here") == true, "a session that only asks is no peer to be reached")
            var stranger = rendezvous
            stranger.token = "00"
            let refused = await fault { _ = try await caller.reach(callee.record(), through: stranger, handler: Ear()) }
            #expect(refused?.code == .refused, "\(String(describing: refused))")
            async let ignored = fault { _ = try await caller.reach(callee.record(), through: rendezvous, handler: Ear()) }
            try await until { tracker.service.relay.withLock { $0.count } == 1 }
            tracker.clock.advance(Limits.invitationSeconds)
            tracker.service.sweep()
            let error = await ignored
            #expect(error?.message.contains("did not answer") == true, "\(String(describing: error))")
        }
    }

    @Test("A tracker that stops tells those who said hello when to come back, spread by their number")
    func restartNotice() async throws {
        let (notices, feed) = AsyncStream.makeStream(of: Message.RestartNotice.self)
        let network = PeerNetwork(identity: try .ephemeral(), logger: quiet)
        try await withTracker(scratch("stopping")) { tracker in
            _ = try await TrackerClient.connect(
                to: tracker.endpoint, network: network,
                callbacks: TrackerClient.Callbacks(restarting: { feed.yield($0) }, closed: { _ in feed.finish() }))
        }
        var received: [Message.RestartNotice] = []
        for await notice in notices { received.append(notice) }
        #expect(received.count == 1 && (2...5).contains(received.first?.reconnectSeconds ?? 0), "\(received)")
        await network.shutdown()
        for (connections, most) in [(1, 5), (10_000, 55), (1_000_000, 300)] {
            for _ in 0..<50 { #expect((2...most).contains(TrackerService.restartNotice(connections: connections).reconnectSeconds)) }
        }
    }

    private func fault(_ body: () async throws -> Void) async -> TalkootError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? TalkootError
        }
    }

    /// Waits for something that comes about on other threads.
    private func until(_ holds: @Sendable () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while !holds() {
            try #require(ContinuousClock.now < end)
            await Task.yield()
        }
    }
}
