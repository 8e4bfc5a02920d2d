import Logging
import NIOCore
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
import TalkootSandbox
import TalkootTesting
import TalkootVolunteer

/// A coordinator that says what a test makes it say, and serves fetches by itself.
final class ScriptedCoordinator: PeerHandler {
    private struct State {
        var events: [PeerEvent] = []
        var isClosed = false
        var waiter: CheckedContinuation<Void, Never>?
        var module: [UInt8]?
        var input: [UInt8]
        var fetches = 0
    }

    private let state: Mutex<State>
    let job: Message.JobDescription
    private let moduleName: String

    /// A coordinator of a job; it serves these bytes as the package, and refuses to when there are none.
    init(job: Message.JobDescription, moduleName: String, package: [UInt8]?, input: [UInt8] = []) {
        self.job = job
        self.moduleName = moduleName
        state = Mutex(State(module: package, input: input))
    }

    func connected(_ connection: PeerConnection) {}

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        if case .message(.fetch(let fetch)) = event { return serve(fetch, on: connection) }
        add { $0.events.append(event) }
    }

    func closed(_ connection: PeerConnection, error: TalkootError?) { add { $0.isClosed = true } }

    private func add(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    private func serve(_ fetch: Message.Fetch, on connection: PeerConnection) {
        let bytes = state.withLock { state in
            state.fetches += 1
            return fetch.subject == .module ? state.module : state.input
        }
        guard let bytes, fetch.offset + fetch.length <= UInt64(bytes.count) else {
            return connection.send(
                .error(.init(regarding: "fetch", code: "not-found", reason: "it is gone", job: job.id, stream: fetch.stream)))
        }
        // In two chunks where there is room for two.
        let range = Int(fetch.offset)..<Int(fetch.offset + fetch.length)
        let middle = range.lowerBound + range.count / 2
        for part in [range.lowerBound..<middle, middle..<range.upperBound] where !part.isEmpty {
            connection.send(
                Chunk(
                    stream: fetch.stream, offset: UInt64(part.lowerBound), bytes: ByteBuffer(bytes: bytes[part]),
                    isLast: part.upperBound == range.upperBound))
        }
    }

    /// How many fetches came.
    var fetches: Int { state.withLock { $0.fetches } }

    /// The first event that `pick` wants, perhaps one that came before; others stay. `nil` when the connection closed without it.
    func next<Value>(_ pick: (PeerEvent) -> Value?) async -> Value? {
        while true {
            let (value, count, isClosed) = state.withLock { state -> (Value?, Int, Bool) in
                for index in state.events.indices {
                    guard let value = pick(state.events[index]) else { continue }
                    state.events.remove(at: index)
                    return (value, 0, false)
                }
                return (nil, state.events.count, state.isClosed)
            }
            if let value { return value }
            if isClosed { return nil }
            await change(since: (count, isClosed))
        }
    }

    /// Waits until the connection is over.
    func end() async {
        while true {
            let seen = state.withLock { ($0.events.count, $0.isClosed) }
            if seen.1 { return }
            await change(since: seen)
        }
    }

    /// Waits until the events and the end are no longer as they were `seen`: what came since then counts.
    private func change(since seen: (Int, Bool)) async {
        await withCheckedContinuation { continuation in
            let isNew = state.withLock { state in
                if (state.events.count, state.isClosed) != seen { return true }
                state.waiter = continuation
                return false
            }
            if isNew { continuation.resume() }
        }
    }

    // MARK: Phrases

    func request(on connection: PeerConnection) {
        connection.send(.request(.init(title: "a test", info: "", moduleName: moduleName, job: job)))
    }

    func response() async -> Message.WorkResponse? {
        await next { if case .message(.response(let response)) = $0 { response } else { nil } }
    }

    func ready() async -> Message.Ready? { await next { if case .message(.ready(let ready)) = $0 { ready } else { nil } } }

    func fault() async -> Message.Fault? { await next { if case .message(.error(let fault)) = $0 { fault } else { nil } } }

    func commit(_ lease: UInt64? = nil) async -> Commit? {
        await next { if case .commit(let commit) = $0, lease == nil || commit.lease == lease { commit } else { nil } }
    }

    func release(_ lease: UInt64) async -> Message.Release? {
        await next { if case .message(.release(let release)) = $0, release.lease == lease { release } else { nil } }
    }

    func acknowledge(_ commit: Commit, on connection: PeerConnection) {
        connection.send(.acknowledge(.init(job: job.id, lease: commit.lease, units: commit.units)))
    }

    func grant(_ lease: UInt64, slot: Int = 0, _ units: Range<UInt64>, input: Range<UInt64> = 0..<0, on connection: PeerConnection) {
        connection.send(.grant(.init(job: job.id, lease: lease, slot: slot, units: units, input: input)))
    }

    /// Takes and acknowledges commits of a lease until its units up to `end` are covered.
    func collect(_ lease: UInt64, to end: UInt64, on connection: PeerConnection) async -> [Commit] {
        var commits: [Commit] = []
        while commits.last?.units.upperBound ?? 0 < end, let commit = await commit(lease) {
            acknowledge(commit, on: connection)
            commits.append(commit)
        }
        return commits
    }
}

extension Commit {
    var text: String { String(decoding: bytes.readableBytesView, as: UTF8.self) }
}

/// A volunteer that listens on loopback, with a store of its own, and a network to dial it.
final class Arena: Sendable {
    let volunteer: Volunteer
    let directory: TemporaryDirectory
    let store: ModuleStore
    private let port: Int
    private let network: PeerNetwork
    private let dialling: PeerNetwork

    static let launcher = Result { try CellLauncher.open(cellPath: try BuiltProduct.path("talkoot-cell")) }

    init(
        slots: Int = 1, accept: AcceptPolicy = .any, trusted: Set<String> = [],
        ask: (@Sendable (JobRequestSummary) async -> Bool)? = nil
    ) async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        directory = try TemporaryDirectory()
        store = ModuleStore(directory: directory.path)
        network = PeerNetwork(identity: try PeerIdentity.ephemeral(), logger: quiet)
        dialling = PeerNetwork(identity: try PeerIdentity.ephemeral(), logger: quiet)
        volunteer = try Volunteer(
            configuration: VolunteerConfiguration(
                slots: slots, minimumLevel: .filtered, accept: accept, trusted: trusted, host: "127.0.0.1"),
            launcher: try Self.launcher.get(), network: network, store: store, logger: quiet, ask: ask)
        port = try await volunteer.start()
    }

    func connect(_ handler: any PeerHandler, framing: Framing = .frames, security: ConnectionSecurity = .tls) async throws -> PeerConnection
    {
        try await dialling.connect(to: PeerEndpoint(host: "127.0.0.1", port: port), framing: framing, security: security, handler: handler)
    }

    /// Runs a test with an arena and takes the arena down after it.
    static func with(
        slots: Int = 1, accept: AcceptPolicy = .any, trusted: Set<String> = [],
        ask: (@Sendable (JobRequestSummary) async -> Bool)? = nil, _ body: (Arena) async throws -> Void
    ) async throws {
        let arena = try await Arena(slots: slots, accept: accept, trusted: trusted, ask: ask)
        do {
            try await body(arena)
        } catch {
            await arena.stop()
            throw error
        }
        await arena.stop()
    }

    private func stop() async {
        await dialling.shutdown()
        await volunteer.drain()
        await network.shutdown()
    }
}

/// A job of a tiny module.
func job(
    of module: TinyModule, mode: Int64 = 0, size: Int64 = 0, units: UInt64 = 100, itemsPerUnit: UInt64 = 1, inputBytes: UInt64 = 0,
    limits: CellLimits = CellLimits(), packageBytes: UInt64? = nil
) -> Message.JobDescription {
    Message.JobDescription(
        id: JobID(rawValue: 77), requester: "alice", module: module.package.digest,
        packageBytes: packageBytes ?? UInt64(module.bytes.count),
        parameters: ["mode": .integer(mode), "size": .integer(size)], shape: JobShape(items: units, itemsPerUnit: itemsPerUnit), seed: 1,
        inputBytes: inputBytes, limits: limits, minimumLevel: .filtered)
}
