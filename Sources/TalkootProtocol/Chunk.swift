public import NIOCore

/// Bytes that answer a `fetch`, in a CHUNK frame.
public struct Chunk: Hashable, Sendable {
    /// The stream that the `fetch` named.
    public var stream: UInt32
    /// Where the bytes lie in the package or input.
    public var offset: UInt64
    /// The bytes, at most ``Limits/chunkBytes``.
    public var bytes: ByteBuffer
    /// Whether the fetch is answered with this. May come early: what was asked for ends before `length`.
    public var isLast: Bool

    /// A part of an answer.
    public init(stream: UInt32, offset: UInt64, bytes: ByteBuffer, isLast: Bool) {
        self.stream = stream
        self.offset = offset
        self.bytes = bytes
        self.isLast = isLast
    }
}
