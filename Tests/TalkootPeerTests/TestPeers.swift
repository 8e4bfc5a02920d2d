import Glibc
import Logging
import NIOCore
import NIOPosix
import Synchronization
import TalkootCore
import TalkootProtocol

@testable import TalkootPeer

/// Records what a connection brings, and lets a test wait for it.
final class Recorder: PeerHandler {
    private struct State {
        var connection: PeerConnection?
        var events: [PeerEvent] = []
        var isClosed = false
        var error: TalkootError?
        var waiting: [(isEnough: @Sendable (State) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let react: @Sendable (PeerEvent, PeerConnection) -> Void

    init(_ react: @escaping @Sendable (PeerEvent, PeerConnection) -> Void = { _, _ in }) { self.react = react }

    var events: [PeerEvent] { state.withLock(\.events) }
    var connection: PeerConnection? { state.withLock(\.connection) }
    var closeError: TalkootError? { state.withLock(\.error) }

    func connected(_ connection: PeerConnection) { change { $0.connection = connection } }

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        react(event, connection)
        change { $0.events.append(event) }
    }

    func closed(_ connection: PeerConnection, error: TalkootError?) {
        change { state in
            state.isClosed = true
            state.error = error
        }
    }

    /// Waits until there are so many events, or the connection is closed.
    func events(atLeast count: Int) async -> [PeerEvent] {
        await wait { $0.events.count >= count || $0.isClosed }
        return events
    }

    /// Waits until the connection is closed, and gives why.
    func untilClosed() async -> TalkootError? {
        await wait { $0.isClosed }
        return closeError
    }

    /// Waits until there is a connection.
    func untilConnected() async { await wait { $0.connection != nil } }

    private func wait(until isEnough: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if isEnough(state) { return true }
                state.waiting.append((isEnough, continuation))
                return false
            }
            if isDone { continuation.resume() }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let done = state.withLock { state in
            body(&state)
            let done = state.waiting.filter { $0.isEnough(state) }.map(\.continuation)
            let current = state
            state.waiting.removeAll { $0.isEnough(current) }
            return done
        }
        for continuation in done { continuation.resume() }
    }
}

/// Two networks with keys of their own, and a listener of the first.
struct TestPeers {
    let server: PeerNetwork
    let client: PeerNetwork
    let listener: PeerListener
    let accepted: Recorder

    static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Runs a test with both, and stops them after it.
    static func run(
        host: String = "127.0.0.1", allowClear: ClearTextPolicy = .loopbackOnly, clientHasKey: Bool = true, accepted: Recorder = Recorder(),
        admit: @escaping @Sendable (RemotePeer) -> TalkootError? = { _ in nil }, _ body: (TestPeers) async throws -> Void
    ) async throws {
        let server = PeerNetwork(identity: try .ephemeral(), logger: logger)
        let client = PeerNetwork(identity: clientHasKey ? try .ephemeral() : nil, logger: logger)
        let listener = try await server.listen(host: host, port: 0, allowClear: allowClear, admit: admit) { _ in accepted }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(TestPeers(server: server, client: client, listener: listener, accepted: accepted)))
        } catch {
            result = .failure(error)
        }
        await client.shutdown()
        await server.shutdown()
        try result.get()
    }

    func endpoint(pin: PeerID? = nil) -> PeerEndpoint { PeerEndpoint(host: "127.0.0.1", port: listener.port, pin: pin) }
}
