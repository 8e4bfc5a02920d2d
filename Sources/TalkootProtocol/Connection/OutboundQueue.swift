package import NIOCore

/// What waits to be sent, already laid out, in as few buffers as possible: TLS makes at least a record of each.
package struct OutboundQueue: Sendable {
    /// Pieces up to this size are copied behind the one before; larger ones stay as they are.
    static let copiedBytes = 16 << 10

    /// How messages are laid out.
    package let framing: Framing
    private var pieces: [ByteBuffer] = []
    private var sequence: UInt32 = 0
    private var openTail = false
    /// Bytes that wait here.
    package private(set) var waitingBytes = 0
    /// Bytes that were taken and are not yet reported as sent.
    package private(set) var takenBytes = 0

    /// An empty queue.
    package init(framing: Framing) { self.framing = framing }

    /// All bytes that are not sent yet.
    package var pendingBytes: Int { waitingBytes + takenBytes }

    package var isEmpty: Bool { pieces.isEmpty }

    /// Gives all that waits.
    package mutating func takeAll() -> [ByteBuffer] {
        defer {
            pieces = []
            openTail = false
            takenBytes += waitingBytes
            waitingBytes = 0
        }
        return pieces
    }

    /// So many of the bytes that were taken are sent.
    package mutating func sent(_ bytes: Int) { takenBytes -= bytes }

    // MARK: Appending

    package mutating func appendPreface() {
        appendSmall { buffer, _ in Preface.write(into: &buffer) }
        sequence = 0
    }

    /// Appends a message. Gives false and appends nothing when it is longer than a message may be.
    package mutating func append(_ message: Message) -> Bool {
        var json = MessageCodec.encode(message)
        guard json.readableBytes <= Limits.controlBytes else { return false }
        let framing = framing
        appendSmall { buffer, sequence in
            if framing == .frames {
                FrameHeader(payloadBytes: UInt32(json.readableBytes), type: FrameType.control, sequence: sequence).write(into: &buffer)
                buffer.writeBuffer(&json)
            } else {
                buffer.writeBuffer(&json)
                buffer.writeStaticString("\n")
            }
        }
        return true
    }

    package mutating func appendBody(_ part: ByteBuffer) {
        guard framing == .frames else { return appendPiece(part) }
        var left = part
        while let slice = left.readSlice(length: min(left.readableBytes, Limits.bodyFrameBytes)), slice.readableBytes > 0 {
            appendSmall { buffer, sequence in
                FrameHeader(payloadBytes: UInt32(slice.readableBytes), type: FrameType.body, sequence: sequence).write(into: &buffer)
            }
            appendPiece(slice)
        }
    }

    package mutating func append(_ commit: Commit) {
        if CommitCodec.fits(commit) { return appendPart(commit) }
        for part in CommitCodec.split(commit) { appendPart(part) }
    }

    private mutating func appendPart(_ part: Commit) {
        appendSmall { buffer, sequence in CommitCodec.writeHead(of: part, sequence: sequence, into: &buffer) }
        appendPiece(part.bytes)
    }

    package mutating func append(_ chunk: Chunk) {
        appendSmall { buffer, sequence in
            var header = ChunkCodec.header(of: chunk)
            header.sequence = sequence
            header.write(into: &buffer)
            buffer.writeInteger(chunk.offset)
        }
        appendPiece(chunk.bytes)
    }

    package mutating func append(_ checkpoint: Checkpoint) {
        appendSmall { buffer, sequence in CheckpointCodec.writeHead(of: checkpoint, sequence: sequence, into: &buffer) }
        appendPiece(checkpoint.bytes)
    }

    package mutating func appendPing() { appendEmptyFrame(FrameType.ping) }

    package mutating func appendPong() { appendEmptyFrame(FrameType.pong) }

    // MARK: Parts

    private mutating func appendEmptyFrame(_ type: UInt8) {
        appendSmall { buffer, sequence in FrameHeader(payloadBytes: 0, type: type, sequence: sequence).write(into: &buffer) }
    }

    private mutating func appendSmall(_ write: (inout ByteBuffer, UInt32) -> Void) {
        if !openTail {
            pieces.append(ByteBuffer())
            openTail = true
        }
        let last = pieces.count - 1
        let before = pieces[last].readableBytes
        write(&pieces[last], sequence)
        sequence &+= 1
        waitingBytes += pieces[last].readableBytes - before
        openTail = pieces[last].readableBytes < Self.copiedBytes * 4
    }

    private mutating func appendPiece(_ piece: ByteBuffer) {
        guard piece.readableBytes > 0 else { return }
        if openTail, piece.readableBytes <= Self.copiedBytes {
            pieces[pieces.count - 1].writeImmutableBuffer(piece)
        } else {
            pieces.append(piece)
            openTail = false
        }
        waitingBytes += piece.readableBytes
    }
}
