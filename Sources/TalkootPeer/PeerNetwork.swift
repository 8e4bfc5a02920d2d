import Glibc
public import Logging
import NIOCore
import NIOPosix
public import TalkootCore
public import TalkootProtocol

/// The network as one peer sees it: event loops, its identity, listeners and dialled connections.
public final class PeerNetwork: Sendable {
    /// Who this peer is; `nil` for one without a key, which can dial but cannot serve TLS.
    public let identity: PeerIdentity?
    let hello: Message.Hello
    private let group: MultiThreadedEventLoopGroup
    private let tls: Result<PeerTLS, TalkootError>
    private let logger: Logger

    /// Starts the event loops. `agent` is what the peer calls itself in its hello.
    public init(identity: PeerIdentity?, threads: Int = 1, agent: String = "talkoot/0.1", logger: Logger) {
        self.identity = identity
        self.logger = logger
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, threads))
        tls = Result { () throws(TalkootError) in try PeerTLS(identity: identity) }
        hello = Message.Hello(features: Feature.all, agent: agent, platform: Self.platform)
    }

    private static var platform: String {
        #if arch(x86_64)
            "x86_64-linux-gnu"
        #elseif arch(arm64)
            "aarch64-linux-gnu"
        #else
            "unknown"
        #endif
    }

    /// Listens for TLS, lines and frames on one port; `port` 0 takes a free one.
    ///
    /// `makeHandler` is called on an event loop for each connection, when it is authorised and its framing known. `admit` is
    /// asked after each TLS handshake, resumed ones too; its error is told to the peer before the connection is closed.
    /// - Throws: ``TalkootError`` with code `cannotCreate` when the address or port cannot be had.
    public func listen(
        host: String, port: Int, allowClear: ClearTextPolicy = .loopbackOnly,
        admit: @escaping @Sendable (RemotePeer) -> TalkootError? = { _ in nil },
        makeHandler: @escaping @Sendable (RemotePeer) -> any PeerHandler
    ) async throws(TalkootError) -> PeerListener {
        let tls = try tls.get()
        let (hello, logger, count) = (hello, logger, AddressCount())
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let remote = RemotePeer(channel.remoteAddress)
                    var settings = ConnectionSettings(
                        role: .accepting(allowsClear: allowClear.allows(remote)), hello: hello, tls: tls, admit: admit,
                        makeHandler: makeHandler)
                    if !count.enter(remote) {
                        logger.warning("too many connections", metadata: ["address": "\(remote.address)"])
                        settings.refusal = Message.Fault(
                            TalkootError(.tryLater, "\(remote.address) has \(Limits.connectionsPerAddress) connections here already"))
                    }
                    channel.closeFuture.whenComplete { _ in count.leave(remote) }
                    try Self.prepare(channel, settings, remote)
                }
            }
        do {
            return PeerListener(channel: try await Self.bind(bootstrap, host: host, port: port).get())
        } catch {
            throw NetworkFailure.listening(host: host, port: port, error)
        }
    }

    /// Dials, proves and checks identities, and, with frames, says hello.
    ///
    /// The handler's `connected` has been called when this returns. The pin is checked before anything is sent.
    /// - Throws: ``TalkootError`` with code `unreachable` when there is no answer within `timeout`, the name is unknown or the
    ///   connection is refused, `refused` when the peer's key is not the pinned one, the peer refuses this one, or clear text is
    ///   asked for an address that is not loopback.
    public func connect(
        to endpoint: PeerEndpoint, framing: Framing, security: ConnectionSecurity = .tls, handler: any PeerHandler,
        timeout: Duration = .seconds(10)
    ) async throws(TalkootError) -> PeerConnection {
        let loop = group.next()
        let opened = loop.makePromise(of: PeerConnection.self)
        let settings = ConnectionSettings(
            role: .dialing(framing), hello: hello, tls: try tls.get(), dialsTLS: security == .tls, pin: endpoint.pin,
            makeHandler: { _ in handler }, opened: opened)
        let limit = TimeAmount.nanoseconds(Int64(timeout / .nanoseconds(1)))
        loop.execute { Self.dial(endpoint, settings, opened, limit, on: loop) }
        let clock = loop.scheduleTask(in: limit) { opened.fail(NetworkFailure.timeout(endpoint)) }
        opened.futureResult.whenComplete { _ in clock.cancel() }
        do {
            return try await opened.futureResult.get()
        } catch {
            throw NetworkFailure.dialing(endpoint, error)
        }
    }

    // An address needs no resolver, which waits for a thread of the system's pool: minutes when tasks that compute fill it.

    private static func bind(_ bootstrap: ServerBootstrap, host: String, port: Int) -> EventLoopFuture<any Channel> {
        guard let address = try? SocketAddress(ipAddress: host, port: port) else { return bootstrap.bind(host: host, port: port) }
        return bootstrap.bind(to: address)
    }

    /// On the loop, so that the handler is there before the first byte: callbacks that another thread adds may come after the handshake.
    static func dial(
        _ endpoint: PeerEndpoint, _ settings: ConnectionSettings, _ opened: EventLoopPromise<PeerConnection>, _ limit: TimeAmount,
        on loop: any EventLoop
    ) {
        loop.preconditionInEventLoop()
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(limit)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if settings.dialsTLS { try channel.pipeline.syncOperations.addHandler(settings.tls.clientHandler()) }
                }
            }
        let dialled = connect(bootstrap, endpoint)
        dialled.whenFailure { opened.fail(NetworkFailure.dialing(endpoint, $0)) }
        dialled.whenSuccess { channel in
            let remote = RemotePeer(channel.remoteAddress)
            do {
                guard settings.dialsTLS || remote.isLoopback else {
                    throw TalkootError(.refused, "clear text is for this machine only", remedy: "connect with TLS")
                }
                try prepare(channel, settings, remote)
            } catch {
                opened.fail(error)
                channel.close(promise: nil)
            }
            opened.futureResult.whenFailure { _ in channel.close(mode: .all, promise: nil) }
        }
    }

    private static func connect(_ bootstrap: ClientBootstrap, _ endpoint: PeerEndpoint) -> EventLoopFuture<any Channel> {
        guard let address = try? SocketAddress(ipAddress: endpoint.host, port: endpoint.port) else {
            return bootstrap.connect(host: endpoint.host, port: endpoint.port)
        }
        return bootstrap.connect(to: address)
    }

    private static func prepare(_ channel: any Channel, _ settings: ConnectionSettings, _ remote: RemotePeer) throws {
        let handler = ConnectionHandler(settings, remote: remote, at: Tick(channel.eventLoop.now))
        try channel.pipeline.syncOperations.addHandler(handler)
        for (option, value) in [(TCP_KEEPIDLE, 60), (TCP_KEEPINTVL, 30), (TCP_KEEPCNT, 3), (TCP_NODELAY, 1)] {
            let name = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: option))
            channel.setOption(name, value: SocketOptionValue(value)).whenComplete { _ in }
        }
        channel.setOption(.socketOption(.so_keepalive), value: 1).whenComplete { _ in }
    }

    /// A loop for one more connection.
    func nextLoop() -> any EventLoop { group.next() }

    /// What TLS needs.
    ///
    /// - Throws: ``TalkootError`` with code `internal` when the library refused.
    func peerTLS() throws(TalkootError) -> PeerTLS { try tls.get() }

    /// Closes everything and stops the event loops. Call it once, at the end.
    public func shutdown() async {
        try? await group.shutdownGracefully()
    }
}

extension ClearTextPolicy {
    func allows(_ remote: RemotePeer) -> Bool {
        switch self {
        case .never: false
        case .loopbackOnly: remote.isLoopback
        case .everybody: true
        }
    }
}

extension RemotePeer {
    /// What a socket's address says.
    init(_ address: SocketAddress?) {
        let text = address?.ipAddress ?? ""
        let isLoopback = text.hasPrefix("127.") || text == "::1" || text.hasPrefix("::ffff:127.")
        self.init(address: text, port: address?.port ?? 0, isEncrypted: false, isLoopback: isLoopback)
    }
}
