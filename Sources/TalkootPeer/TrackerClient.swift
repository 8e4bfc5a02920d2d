public import TalkootCore
public import TalkootProtocol

/// A conversation with a tracker: requests go out one after another over lines in TLS, replies come in the same order.
///
/// Each request has 30 s for its reply, a transfer 30 s for each part. After a time-out the connection is closed, since
/// replies would no longer match. All functions may be called from any task.
public final class TrackerClient: Sendable {
    /// What a session's owner wants to be told, on the event loop.
    public struct Callbacks: Sendable {
        /// The tracker hands on somebody's `request`; the answer is sent back in its place.
        public var request: (@Sendable (Message.WorkRequest) -> Message.WorkResponse)?
        /// The connection is over; called once.
        public var closed: (@Sendable (TalkootError?) -> Void)?

        /// What to be told.
        public init(
            request: (@Sendable (Message.WorkRequest) -> Message.WorkResponse)? = nil,
            closed: (@Sendable (TalkootError?) -> Void)? = nil
        ) {
            self.request = request
            self.closed = closed
        }
    }

    /// The tracker.
    public let remote: RemotePeer

    init(remote: RemotePeer) { self.remote = remote }

    /// Dials a tracker and says hello.
    ///
    /// - Throws: as ``PeerNetwork/connect(to:framing:security:handler:timeout:)``.
    public static func connect(
        to endpoint: PeerEndpoint, network: PeerNetwork, security: ConnectionSecurity = .tls, timeout: Duration = .seconds(10),
        callbacks: Callbacks = Callbacks()
    ) async throws(TalkootError) -> TrackerClient {
        throw TalkootError(.unreachable, "cannot reach \(endpoint)")
    }

    /// Makes an account.
    ///
    /// - Throws: ``TalkootError`` with code `refused` when the name is taken or the tracker says no.
    public func signup(name: String, password: String) async throws(TalkootError) {}

    /// Opens a session with a password. Gives a token for ``authenticate(token:port:status:)``.
    ///
    /// - Throws: ``TalkootError`` with code `refused` when name or password is wrong.
    public func login(
        name: String, password: String, port: UInt16 = 0, status: String = "offline"
    ) async throws(TalkootError) -> String? { nil }

    /// Opens a session with a token.
    ///
    /// - Throws: ``TalkootError`` with code `refused` when the token is unknown, expired or another peer's.
    public func authenticate(token: String, port: UInt16 = 0, status: String = "offline") async throws(TalkootError) {}

    /// The peers that the tracker knows.
    ///
    /// - Throws: ``TalkootError`` with the tracker's code.
    public func peerList() async throws(TalkootError) -> [PeerRecord] { [] }

    /// The modules that the tracker holds.
    ///
    /// - Throws: ``TalkootError`` with the tracker's code.
    public func moduleList() async throws(TalkootError) -> [ModuleRecord] { [] }

    /// Downloads a module's package to a new file, synced to disk; the caller verifies it. Gives its size in bytes.
    ///
    /// `reference` is `NAME`, `NAME@VERSION` or a digest.
    /// - Throws: ``TalkootError`` with code `notFound` when the tracker has none, `badData` when it is larger than
    ///   ``Limits/packageBytes``, `cannotCreate` or `inputOutput` when the file cannot be written. The file is removed then.
    public func fetchModule(_ reference: String, to path: String) async throws(TalkootError) -> UInt64 { 0 }

    /// Uploads a package from a file. Needs a session.
    ///
    /// - Throws: ``TalkootError`` with code `refused` and the tracker's reason, `notFound` when there is no such file.
    public func publish(name: String, path: String) async throws(TalkootError) {}

    /// Says which modules this peer holds. Needs a session.
    ///
    /// - Throws: ``TalkootError`` with code `unreachable` when the connection is gone.
    public func announce(modules: [String]) async throws(TalkootError) {}

    /// Sets the own status, slots, level and platform, and waits until the tracker has taken them. Needs a session.
    ///
    /// - Throws: ``TalkootError`` with the tracker's code.
    public func setStatus(_ status: Message.Status) async throws(TalkootError) {}

    /// Asks for somebody's status; for one's own with an empty name.
    ///
    /// - Throws: ``TalkootError`` with code `notFound` when nobody has that name.
    public func status(of name: String) async throws(TalkootError) -> Message.Status { Message.Status(name: name) }

    /// Makes sure that the tracker is still there. To be called about once a minute in a long session.
    ///
    /// - Throws: ``TalkootError`` with code `unreachable` when it does not answer.
    public func ping() async throws(TalkootError) {}

    /// Says `quit` and closes.
    public func quit() async {}
}
