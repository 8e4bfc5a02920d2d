import Glibc
import NIOCore
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
        /// Somebody wants to reach this peer: see ``PeerNetwork/follow(_:from:witness:makeHandler:)``.
        public var invited: (@Sendable (Message.Invitation) -> Void)?
        /// The tracker goes away, and says when to come back: see ``Reconnection``.
        public var restarting: (@Sendable (Message.RestartNotice) -> Void)?
        /// The connection is over; called once.
        public var closed: (@Sendable (TalkootError?) -> Void)?

        /// What to be told.
        public init(
            request: (@Sendable (Message.WorkRequest) -> Message.WorkResponse)? = nil,
            invited: (@Sendable (Message.Invitation) -> Void)? = nil,
            restarting: (@Sendable (Message.RestartNotice) -> Void)? = nil,
            closed: (@Sendable (TalkootError?) -> Void)? = nil
        ) {
            self.request = request
            self.invited = invited
            self.restarting = restarting
            self.closed = closed
        }
    }

    let connection: PeerConnection
    let conversation: TrackerConversation
    private let turnstile = Turnstile()

    private init(connection: PeerConnection, conversation: TrackerConversation) {
        self.connection = connection
        self.conversation = conversation
    }

    /// The tracker.
    public var remote: RemotePeer { connection.remote }

    /// Whether the tracker introduces peers to each other.
    public var introduces: Bool { connection.features.contains(Feature.relay) }

    /// Dials a tracker and says hello.
    ///
    /// - Throws: as ``PeerNetwork/connect(to:framing:security:handler:timeout:)``.
    public static func connect(
        to endpoint: PeerEndpoint, network: PeerNetwork, security: ConnectionSecurity = .tls, timeout: Duration = .seconds(10),
        callbacks: Callbacks = Callbacks()
    ) async throws(TalkootError) -> TrackerClient {
        let conversation = TrackerConversation(callbacks: callbacks)
        let connection = try await network.connect(
            to: endpoint, framing: .lines, security: security, handler: conversation, timeout: timeout)
        let client = TrackerClient(connection: connection, conversation: conversation)
        _ = try await client.ask(.hello(network.hello)) { message in
            if case .hello = message { true } else { false }
        }
        return client
    }

    // MARK: Asking

    /// Asks a question, perhaps right after a message that has no reply of its own.
    func ask(
        _ message: Message, after statement: Message? = nil, sink: TrackerConversation.Sink? = nil,
        accepts: @escaping @Sendable (Message) -> Bool
    ) async throws(TalkootError) -> TrackerConversation.Reply {
        await turnstile.enter()
        defer { turnstile.leave() }
        if let statement { connection.send(statement) }
        return try await Self.value(of: conversation.ask(message, on: connection, sink: sink, accepts: accepts))
    }

    /// Asks with a body that follows the message.
    func ask(
        _ message: Message, body: ModuleUpload, accepts: @escaping @Sendable (Message) -> Bool
    ) async throws(TalkootError) -> TrackerConversation.Reply {
        await turnstile.enter()
        defer { turnstile.leave() }
        let reply = conversation.ask(message, on: connection, accepts: accepts)
        do throws(TalkootError) {
            while let part = try body.next() {
                await conversation.waitUntilWritable(connection)
                connection.sendBody(part)
                conversation.restartClock(connection)
            }
        } catch {
            connection.close(after: nil, because: error)
            throw error
        }
        return try await Self.value(of: reply)
    }

    private static func value(
        of future: EventLoopFuture<TrackerConversation.Reply>
    ) async throws(TalkootError) -> TrackerConversation.Reply {
        do {
            return try await future.get()
        } catch {
            throw NetworkFailure.duringConnection(error) ?? TalkootError(.unreachable, "the connection to the tracker broke")
        }
    }

    /// The content of a reply, which is to be `yes`.
    func expectYes(_ message: Message, to question: String) throws(TalkootError) -> Message.Reply {
        let reply: Message.Reply
        switch message {
        case .signupReply(let answer), .loginReply(let answer), .publishReply(let answer), .yankReply(let answer): reply = answer
        default: throw TalkootError(.badData, "the tracker's answer to \(question) is a \(message.typeName)")
        }
        guard reply.content == "yes" else {
            throw TalkootError(.refused, reply.reason ?? "the tracker answers \"\(reply.content)\" to \(question)")
        }
        return reply
    }
}
