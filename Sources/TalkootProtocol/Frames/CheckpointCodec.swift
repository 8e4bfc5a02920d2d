import NIOCore
import TalkootCore

/// CHECKPOINT: job u64, lease u64, unit u64, then the bytes.
enum CheckpointCodec {
    static let fixedBytes = 24

    /// Header and fixed fields; the bytes follow.
    static func writeHead(of checkpoint: Checkpoint, sequence: UInt32, into buffer: inout ByteBuffer) {
        let payloadBytes = UInt32(fixedBytes + checkpoint.bytes.readableBytes)
        FrameHeader(payloadBytes: payloadBytes, type: FrameType.checkpoint, sequence: sequence).write(into: &buffer)
        buffer.writeMultipleIntegers(checkpoint.job.rawValue, checkpoint.lease, checkpoint.unit)
    }

    static func decode(_ payload: ByteBuffer) throws(Message.Fault) -> Checkpoint {
        var payload = payload
        guard let (job, lease, unit) = payload.readMultipleIntegers(as: (UInt64, UInt64, UInt64).self) else {
            throw .badData("a CHECKPOINT frame has a job, a lease and a unit", regarding: "CHECKPOINT")
        }
        return Checkpoint(job: JobID(rawValue: job), lease: lease, unit: unit, bytes: payload)
    }
}
