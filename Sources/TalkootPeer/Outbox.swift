import NIOCore
import TalkootCore
import TalkootProtocol

/// What passes between a connection and its channel handler.
enum ConnectionSignal: Sendable {
    case pause
    case resume
    case closing
    case liftMessageRate
    case writable
    /// The conversation is over, the connection goes on as this.
    case become(ConnectionSettings)
    /// The conversation is over, the bytes belong to others.
    case enter(Circuit, as: Circuit.Side)
}

/// A connection's state that any thread may touch, under a lock.
struct Outbox {
    /// What the caller does after an enqueue, outside of the lock.
    enum Next {
        case nothing
        case flush
        case fail(TalkootError)
        /// The peer does not take what waits: there is no use in waiting longer.
        case cut(TalkootError)
    }

    var queue: OutboundQueue
    let localFeatures: Set<String>
    var hello: Message.Hello?
    var features: Set<String> = []
    var isClosing = false
    /// The conversation is over though the connection goes on: nothing more is sent.
    var isDetached = false
    var failure: TalkootError?
    private var isScheduled = false
    private var hasSent = false
    private var wasFull = false

    init(framing: Framing, localFeatures: [String]) {
        queue = OutboundQueue(framing: framing)
        self.localFeatures = Set(localFeatures)
    }

    var isFull: Bool { queue.pendingBytes >= Limits.outboundBytes }

    /// Appends what the closure lays out; only the first of a turn asks for a flush.
    mutating func enqueue(_ append: (inout OutboundQueue) -> Bool) -> Next {
        guard !isClosing, !isDetached else { return .nothing }
        guard queue.pendingBytes <= Limits.outboundCapBytes else {
            return .cut(TalkootError(.unreachable, "the peer reads too slowly: \(queue.pendingBytes) bytes wait to be sent"))
        }
        guard append(&queue) else {
            return .fail(TalkootError(.internalError, "a message is too long for the protocol, or not for connections of \(queue.framing)"))
        }
        wasFull = wasFull || isFull
        guard !isScheduled else { return .nothing }
        isScheduled = true
        return .flush
    }

    mutating func takeAll() -> (pieces: [ByteBuffer], isClosing: Bool) {
        isScheduled = false
        hasSent = hasSent || !queue.isEmpty
        return (queue.takeAll(), isClosing)
    }

    mutating func sent(_ bytes: Int) -> (becameWritable: Bool, isClosing: Bool) {
        queue.sent(bytes)
        let becameWritable = wasFull && !isFull
        if becameWritable { wasFull = false }
        return (becameWritable, isClosing)
    }

    mutating func takeSentFlag() -> Bool {
        defer { hasSent = false }
        return hasSent
    }
}
