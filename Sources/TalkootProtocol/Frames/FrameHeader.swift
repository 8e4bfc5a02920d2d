import NIOCore

/// The kinds of frame. Those below 128 must be understood; a receiver skips an unknown one from 128 on.
enum FrameType {
    static let control: UInt8 = 1
    static let commit: UInt8 = 2
    static let chunk: UInt8 = 3
    static let credit: UInt8 = 4
    static let ping: UInt8 = 5
    static let pong: UInt8 = 6
    static let body: UInt8 = 7
    static let checkpoint: UInt8 = 8
    static let firstIgnorable: UInt8 = 128

    /// The largest payload of a kind, in bytes; `nil` for a kind that must be understood and is not.
    static func payloadLimit(of type: UInt8) -> Int? {
        switch type {
        case control: Limits.controlBytes
        case commit: Limits.commitBytes
        case chunk: Limits.chunkBytes + ChunkCodec.fixedBytes
        case credit, ping, pong: 64
        case body: Limits.bodyFrameBytes
        case checkpoint: Limits.checkpointBytes + CheckpointCodec.fixedBytes
        case firstIgnorable...: Limits.controlBytes
        default: nil
        }
    }
}

/// The 16 bytes before each payload, big endian.
struct FrameHeader: Hashable {
    static let byteCount = 16
    /// The header's length in 32-bit words; a longer one, of a later minor version, is skipped to its end.
    static let words: UInt8 = 4

    var payloadBytes: UInt32
    var type: UInt8
    var flags: UInt8 = 0
    var words: UInt8 = FrameHeader.words
    var stream: UInt32 = 0
    var sequence: UInt32 = 0

    /// Bytes of the header beyond the 16 known ones.
    var extraBytes: Int { (Int(words) - Int(Self.words)) * 4 }

    func write(into buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(payloadBytes, type, flags, words, UInt8(0), stream, sequence)
    }

    /// Reads a header without consuming it; `nil` when fewer than 16 bytes are there.
    static func peek(_ buffer: ByteBuffer) -> FrameHeader? {
        let start = buffer.readerIndex
        guard let length = buffer.getInteger(at: start, as: UInt32.self), let kind = buffer.getInteger(at: start + 4, as: UInt32.self),
            let stream = buffer.getInteger(at: start + 8, as: UInt32.self),
            let sequence = buffer.getInteger(at: start + 12, as: UInt32.self)
        else { return nil }
        let (type, flags, words) = (UInt8(kind >> 24), UInt8(kind >> 16 & 255), UInt8(kind >> 8 & 255))
        return FrameHeader(payloadBytes: length, type: type, flags: flags, words: words, stream: stream, sequence: sequence)
    }
}
