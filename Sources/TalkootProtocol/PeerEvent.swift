public import NIOCore

/// What a connection hands to its handler, in the order in which it came.
public enum PeerEvent: Hashable, Sendable {
    /// A control message. `hello` never comes here: the connection answers it itself.
    case message(Message)
    /// The bytes that a message with a `size` announced, in parts; `isLast` with the last one, which may be empty.
    case body(ByteBuffer, isLast: Bool)
    /// Finished units.
    case commit(Commit)
    /// Bytes that were fetched.
    case chunk(Chunk)
    /// What a unit left behind where it was stopped.
    case checkpoint(Checkpoint)
    /// Less than ``Limits/outboundBytes`` wait to be sent, after it had been more.
    case writable
}
