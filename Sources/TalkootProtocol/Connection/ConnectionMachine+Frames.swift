import NIOCore
import TalkootCore

extension ConnectionMachine {
    /// Takes a frame. Its length is checked as soon as its header is there, before anything waits for the rest.
    /// Gives whether there may be more to take.
    mutating func nextFrame(at now: Tick) -> Bool {
        if case .greeting(needsPreface: true, let deadline) = phase { return readPreface(deadline: deadline) }
        guard let header = FrameHeader.peek(buffer) else { return false }
        if let fault = Self.fault(in: header) {
            fail(fault)
            return false
        }
        let before = FrameHeader.byteCount + header.extraBytes
        guard buffer.readableBytes >= before + Int(header.payloadBytes) else { return false }
        if header.type == FrameType.control, isThrottled(at: now) { return false }
        buffer.moveReaderIndex(forwardBy: before)
        guard let payload = buffer.readSlice(length: Int(header.payloadBytes)) else { return false }
        do throws(Message.Fault) {
            try take(header, payload)
        } catch {
            fail(error)
        }
        return phase != .closed
    }

    private static func fault(in header: FrameHeader) -> Message.Fault? {
        guard header.words >= FrameHeader.words else { return .badData("a frame's header has at least \(FrameHeader.words) words") }
        guard let limit = FrameType.payloadLimit(of: header.type) else {
            return .badData("frames of type \(header.type) are not understood here")
        }
        guard header.payloadBytes <= limit else {
            return .badData("a frame of type \(header.type) has at most \(limit) bytes, not \(header.payloadBytes)")
        }
        return nil
    }

    private mutating func take(_ header: FrameHeader, _ payload: ByteBuffer) throws(Message.Fault) {
        switch header.type {
        case FrameType.control: take(MessageCodec.decode(payload))
        case FrameType.ping: effects.append(.sendPong)
        case FrameType.pong, FrameType.credit, FrameType.firstIgnorable...: break
        case _ where phase != .open: throw .badData("the first frame is to be a hello")
        case FrameType.commit:
            if let commit = try assembler.add(CommitCodec.decode(header, payload)) { effects.append(.deliver(.commit(commit))) }
        case FrameType.chunk: effects.append(.deliver(.chunk(try ChunkCodec.decode(header, payload))))
        case FrameType.checkpoint: effects.append(.deliver(.checkpoint(try CheckpointCodec.decode(payload))))
        case FrameType.body:
            guard payload.readableBytes > 0 else { return }
            guard UInt64(payload.readableBytes) <= bodyBytesLeft else { throw .badData("more body than was announced") }
            deliverBody(payload)
        default: break
        }
    }
}
