import NIOCore
import Synchronization
import TalkootCore
import TalkootPeer
import TalkootProtocol

/// A volunteer for tests: speaks the protocol over a real connection and computes the test modules' results itself.
final class ScriptedVolunteer: Sendable {
    /// How it behaves.
    enum Manner: Sendable, Hashable {
        /// As it should.
        case honest
        /// Says no.
        case declines
        /// Hangs up when it gets its n-th lease on a connection, once or every time.
        case leaves(atGrant: Int, always: Bool)
        /// Gives back every lease on its first connection.
        case releases
        /// Says that every unit failed.
        case fails
        /// Commits units beyond its lease.
        case overreaches
        /// Commits to a lease it was never given.
        case inventsLease
        /// Commits a result above the job's limit.
        case oversizes
        /// Gives fewer ends than units.
        case miscounts
        /// Asks for bytes beyond the package.
        case overfetches
        /// Says ready before it answered.
        case rushes
        /// Offers less confinement than is asked for.
        case offersLess
    }

    struct Record: Sendable {
        var connections = 0
        var grants = 0
        var hasLeft = false
        var acknowledged: [Range<UInt64>] = []
        var faults: [Message.Fault] = []
        var package: [UInt8] = []
        var isOver = false
    }

    let manner: Manner
    let record = Mutex(Record())
    /// Computes one unit's result from its index and input.
    let compute: @Sendable (UInt64, ArraySlice<UInt8>) -> [UInt8]
    /// The units of a lease that go into one commit.
    let unitsPerCommit: UInt64

    private let network: PeerNetwork
    private let listener = Mutex<PeerListener?>(nil)

    init(
        _ manner: Manner = .honest, unitsPerCommit: UInt64 = 16, compute: @escaping @Sendable (UInt64, ArraySlice<UInt8>) -> [UInt8]
    ) throws {
        self.manner = manner
        self.compute = compute
        self.unitsPerCommit = unitsPerCommit
        network = PeerNetwork(identity: try PeerIdentity.ephemeral(), logger: TestModules.logger)
    }

    /// Listens on loopback and gives where.
    func listen() async throws -> PeerEndpoint {
        let open = try await network.listen(host: "127.0.0.1", port: 0) { _ in VolunteerLine(self) }
        listener.withLock { $0 = open }
        return PeerEndpoint(host: "127.0.0.1", port: open.port, pin: network.identity?.id)
    }

    func shutdown() async { await network.shutdown() }

    var acknowledgedUnits: Set<UInt64> { Set(record.withLock { $0.acknowledged }.flatMap { $0 }) }
}

/// One connection of a scripted volunteer; everything happens on its event loop.
final class VolunteerLine: PeerHandler {
    private struct State {
        var job: Message.JobDescription?
        var grants: [Message.Grant] = []
        var grantsSeen = 0
        var splitter: InputSplitter?
        var fetched: UInt64 = 0
    }

    private let owner: ScriptedVolunteer
    private let state = Mutex(State())
    private static let chunk: UInt64 = 1 << 20

    init(_ owner: ScriptedVolunteer) { self.owner = owner }

    func connected(_ connection: PeerConnection) { owner.record.withLock { $0.connections += 1 } }

    func closed(_ connection: PeerConnection, error: TalkootError?) {}

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        switch event {
        case .message(.request(let request)):
            state.withLock { $0.job = request.job }
            if let job = request.job { answer(job, connection) }
        case .message(.grant(let grant)): take(grant, connection)
        case .message(.acknowledge(let ack)): owner.record.withLock { $0.acknowledged.append(ack.units) }
        case .message(.cancel): owner.record.withLock { $0.isOver = true }
        case .message(.error(let fault)): owner.record.withLock { $0.faults.append(fault) }
        case .chunk(let chunk): take(chunk, connection)
        default: break
        }
    }

    private func answer(_ job: Message.JobDescription, _ connection: PeerConnection) {
        switch owner.manner {
        case .declines: return connection.send(.response(Message.WorkResponse(reply: "no", reason: "busy", job: job.id)))
        case .rushes: return connection.send(.ready(Message.Ready(job: job.id, slots: 1, level: .full)))
        default: connection.send(.response(Message.WorkResponse(reply: "yes", job: job.id)))
        }
        if owner.manner == .overfetches {
            let fetch = Message.Fetch(stream: 1, job: job.id, subject: .module, offset: job.packageBytes, length: 1)
            return connection.send(.fetch(fetch))
        }
        owner.record.withLock { $0.package = [] }
        fetchPackage(job, from: 0, connection)
    }

    private func fetchPackage(_ job: Message.JobDescription, from offset: UInt64, _ connection: PeerConnection) {
        let length = min(4096, job.packageBytes - offset)
        connection.send(.fetch(Message.Fetch(stream: 1, job: job.id, subject: .module, offset: offset, length: length)))
    }

    private func take(_ chunk: Chunk, _ connection: PeerConnection) {
        guard let job = state.withLock({ $0.job }) else { return }
        if chunk.stream == 1 {
            let bytes = Array(chunk.bytes.readableBytesView)
            let size = owner.record.withLock { record in
                record.package += bytes
                return UInt64(record.package.count)
            }
            if size < job.packageBytes { return fetchPackage(job, from: size, connection) }
            let level: ConfinementLevel = owner.manner == .offersLess ? .filtered : .full
            return connection.send(.ready(Message.Ready(job: job.id, slots: 2, level: level)))
        }
        let done = state.withLock { state in
            chunk.bytes.withUnsafeReadableBytes { state.splitter?.append($0) }
            state.fetched += UInt64(chunk.bytes.readableBytes)
            return state.grants.first.map { state.fetched >= $0.input.upperBound } ?? false
        }
        done ? finishFirst(connection) : fetchInput(connection)
    }

    private func take(_ grant: Message.Grant, _ connection: PeerConnection) {
        let seen = state.withLock { state in
            state.grantsSeen += 1
            return state.grantsSeen
        }
        owner.record.withLock { $0.grants += 1 }
        let isFirstConnection = owner.record.withLock { $0.connections == 1 }
        switch owner.manner {
        case .leaves(let number, let always) where seen == number && (always || !owner.record.withLock { $0.hasLeft }):
            owner.record.withLock { $0.hasLeft = true }
            return connection.close()
        case .releases where isFirstConnection && seen <= 2:
            let release = Message.Release(job: grant.job, lease: grant.lease, from: grant.units.lowerBound, reason: "the owner is back")
            return connection.send(.release(release))
        default: break
        }
        let isFirst = state.withLock { state in
            state.grants.append(grant)
            return state.grants.count == 1
        }
        if isFirst { begin(connection) }
    }

    /// Begins with the first of the waiting leases.
    private func begin(_ connection: PeerConnection) {
        guard let (grant, job) = state.withLock({ state in state.grants.first.flatMap { grant in state.job.map { (grant, $0) } } }) else {
            return
        }
        guard !grant.input.isEmpty else { return finishFirst(connection) }
        state.withLock { state in
            state.splitter = InputSplitter(kind: .lines, itemsPerUnit: job.shape.itemsPerUnit)
            state.fetched = grant.input.lowerBound
        }
        fetchInput(connection)
    }

    private func fetchInput(_ connection: PeerConnection) {
        let fetch = state.withLock { state -> Message.Fetch? in
            guard let grant = state.grants.first else { return nil }
            let length = min(Self.chunk, grant.input.upperBound - state.fetched)
            return Message.Fetch(stream: 2, job: grant.job, subject: .input, offset: state.fetched, length: length)
        }
        if let fetch { connection.send(.fetch(fetch)) }
    }

    /// Computes and commits the first waiting lease, then begins the next.
    private func finishFirst(_ connection: PeerConnection) {
        guard let (grant, splitter) = state.withLock({ state in state.grants.isEmpty ? nil : (state.grants.removeFirst(), state.splitter) })
        else { return }
        var input = splitter
        if input != nil { try? input?.finish() }
        var next = grant.units.lowerBound
        while next < grant.units.upperBound {
            let units = next..<min(grant.units.upperBound, next + owner.unitsPerCommit)
            commit(units, of: grant, input: &input, connection)
            next = units.upperBound
        }
        begin(connection)
    }

    private func commit(_ units: Range<UInt64>, of grant: Message.Grant, input: inout InputSplitter?, _ connection: PeerConnection) {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        for unit in units {
            let own = input?.take(1).bytes ?? []
            bytes += owner.compute(unit, own[...])
            ends.append(bytes.count)
        }
        var commit = Commit(job: grant.job, lease: grant.lease, units: units, resultEnds: ends, bytes: bytes, processorMicroseconds: 10)
        switch owner.manner {
        case .fails:
            for unit in units {
                connection.send(
                    Commit(
                        job: grant.job, lease: grant.lease, unit: unit, failure: .failed(message: "no such luck"),
                        log: Array("info: unit \(unit)\n".utf8)))
            }
            return
        case .overreaches:
            commit.units = units.lowerBound..<grant.units.upperBound + 1
            commit.resultEnds = commit.units.map { _ in 0 }
            commit.bytes = ByteBuffer()
        case .inventsLease: commit.lease += 12345
        case .oversizes:
            let size = Int(state.withLock { $0.job?.limits.outputBytes ?? 0 }) + 1
            commit.units = units.lowerBound..<units.lowerBound + 1
            commit.resultEnds = [size]
            commit.bytes = ByteBuffer(repeating: 1, count: size)
        case .miscounts: commit.resultEnds = Array(ends.dropFirst())
        default: break
        }
        connection.send(commit)
    }
}
