public import NIOCore
import Synchronization
import TalkootCore
public import TalkootProtocol

/// An open connection to a peer. All functions may be called from any thread; the order of sends is kept.
public final class PeerConnection: Sendable {
    /// Who is at the other end.
    public let remote: RemotePeer
    /// How messages are laid out.
    public let framing: Framing
    private let channel: any Channel

    init(channel: any Channel, remote: RemotePeer, framing: Framing) {
        self.channel = channel
        self.remote = remote
        self.framing = framing
    }

    /// The loop on which the handler is called.
    public var eventLoop: any EventLoop { channel.eventLoop }

    /// The features of which both sides have said that they have them; empty before the peer's hello.
    public var features: Set<String> { [] }

    /// The peer's hello, when it has said it.
    public var hello: Message.Hello? { nil }

    /// Sends a message. It goes out with all that is sent in the same turn of the event loop.
    public func send(_ message: Message) {}

    /// Sends a message and the whole body that it announces: the message's `size` must be the body's.
    public func send(_ message: Message, body: ByteBuffer) {}

    /// Sends a part of the body that a message sent before has announced. The connection counts: the parts must add up.
    public func sendBody(_ part: ByteBuffer) {}

    /// Sends finished units, split as the protocol wants it. Frames only.
    public func send(_ commit: Commit) {}

    /// Sends fetched bytes. Frames only.
    public func send(_ chunk: Chunk) {}

    /// Whether less than ``Limits/outboundBytes`` wait to be sent. When it was not, ``PeerEvent/writable`` tells when it is again.
    public var isWritable: Bool { true }

    /// Reads no more until ``resumeReading()``; what is already read may still be handed over.
    public func pauseReading() {}

    /// Reads again.
    public func resumeReading() {}

    /// Sends what waits, then the fault when there is one, and closes. Does nothing when closed already.
    public func close(after fault: Message.Fault? = nil) {}
}
