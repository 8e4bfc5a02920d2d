import NIOCore

/// CHUNK: the offset (u64), then the bytes; the stream is the header's, flag 1 marks the last one.
enum ChunkCodec {
    static let fixedBytes = 8
    static let lastFlag: UInt8 = 1

    static func header(of chunk: Chunk) -> FrameHeader {
        FrameHeader(
            payloadBytes: UInt32(fixedBytes + chunk.bytes.readableBytes), type: FrameType.chunk, flags: chunk.isLast ? lastFlag : 0,
            stream: chunk.stream)
    }

    static func decode(_ header: FrameHeader, _ payload: ByteBuffer) throws(Message.Fault) -> Chunk {
        var payload = payload
        guard let offset = payload.readInteger(as: UInt64.self), !offset.addingReportingOverflow(UInt64(payload.readableBytes)).overflow
        else { throw .badData("a CHUNK frame has an offset and bytes", regarding: "CHUNK") }
        return Chunk(stream: header.stream, offset: offset, bytes: payload, isLast: header.flags & lastFlag != 0)
    }
}
