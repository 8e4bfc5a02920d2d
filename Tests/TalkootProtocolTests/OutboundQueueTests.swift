import NIOCore
import TalkootCore
import Testing

@testable import TalkootProtocol

struct OutboundQueueTests {
    @Test("Frames have the bytes of the golden file")
    func goldenFrames() throws {
        let job = try #require(JobID("0123456789abcdef"))
        var queue = OutboundQueue(framing: .frames)
        queue.appendPreface()
        _ = queue.append(.progress(Message.Progress(job: job, lease: 1, next: 50)))
        queue.append(Commit(job: job, lease: 2, units: 10..<12, resultEnds: [2, 3], bytes: Array("abc".utf8), processorMicroseconds: 5))
        queue.append(Commit(job: job, lease: 2, unit: 7, failure: .failed(message: "no")))
        queue.append(Chunk(stream: 9, offset: 4096, bytes: ByteBuffer(string: "xyz"), isLast: true))
        queue.appendPing()
        queue.appendPong()
        queue.append(Checkpoint(job: job, lease: 2, unit: 11, bytes: Array("half".utf8)))
        #expect(queue.takeAll().flatMap { Array(buffer: $0) } == (try Golden.bytes("frames.txt")))
    }

    @Test("Small things leave together in one buffer, large ones are not copied")
    func coalescing() {
        var queue = OutboundQueue(framing: .frames)
        for _ in 0..<100 { queue.appendPing() }
        queue.append(Chunk(stream: 0, offset: 0, bytes: ByteBuffer(repeating: 0, count: 1 << 20), isLast: true))
        for _ in 0..<100 { queue.appendPing() }
        let sizes = queue.takeAll().map(\.readableBytes)
        #expect(sizes == [1624, 1 << 20, 1600])
    }

    @Test("Bytes are counted until they are reported as sent")
    func counting() {
        var queue = OutboundQueue(framing: .lines)
        _ = queue.append(.quit)
        queue.appendBody(ByteBuffer(string: "abc"))
        #expect(queue.waitingBytes == 19)
        #expect(queue.takeAll().map { String(buffer: $0) } == ["{\"type\":\"quit\"}\nabc"])
        #expect(queue.pendingBytes == 19)
        queue.sent(19)
        #expect(queue.pendingBytes == 0)
    }

    @Test("A message that is too long is not sent")
    func tooLong() {
        var queue = OutboundQueue(framing: .lines)
        let isTaken = queue.append(.moduleList([String(repeating: "x", count: Limits.controlBytes)]))
        #expect(!isTaken)
        #expect(queue.isEmpty)
    }
}
