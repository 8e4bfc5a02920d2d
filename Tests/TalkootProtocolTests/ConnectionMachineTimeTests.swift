import NIOCore
import TalkootCore
import Testing

@testable import TalkootProtocol

struct ConnectionMachineTimeTests {
    @Test("Who sends nothing for 10 s is closed, not before")
    func silentOpening() {
        let machine = MachineProbe(role: .accepting(allowsClear: true))
        #expect(machine.nextDeadline == .seconds(10))
        #expect(machine.advance(to: .seconds(9.9)) == [])
        #expect(machine.advance(to: .seconds(10)).closes)
        #expect(machine.nextDeadline == .distantFuture)
    }

    @Test("A preface, a handshake and a hello that trickle have 10 s each")
    func slowOpenings() {
        let half = MachineProbe(role: .accepting(allowsClear: true))
        _ = half.receive([0xFE], at: .seconds(9))
        #expect(half.advance(to: .seconds(10)).closes)

        let handshake = MachineProbe(role: .accepting(allowsClear: true))
        _ = handshake.receive([0x16], at: .seconds(9))
        #expect(handshake.advance(to: .seconds(18.9)) == [])
        #expect(handshake.advance(to: .seconds(19)).closes)

        let hello = MachineProbe(role: .accepting(allowsClear: true))
        _ = hello.receive(Preface.magic + [1, 0, 0, 0], at: .seconds(1))
        #expect(hello.advance(to: .seconds(11)).closes)
    }

    @Test("A line that is begun is finished within 10 s, and between lines there is no hurry")
    func slowLine() {
        let machine = MachineProbe.openLines()
        #expect(machine.nextDeadline == .distantFuture)
        _ = machine.receive("{", at: .seconds(100))
        _ = machine.receive("\"type\"", at: .seconds(105))
        #expect(machine.nextDeadline == .seconds(110))
        #expect(machine.advance(to: .seconds(110)).closes)
    }

    @Test("A body that stops is given up after 45 s")
    func stoppedBody() {
        let machine = MachineProbe.openLines()
        _ = machine.receive("{\"type\":\"publish\",\"modname\":\"p\",\"size\":9}\nabc", at: .seconds(1))
        #expect(machine.advance(to: .seconds(45.9)) == [])
        #expect(machine.advance(to: .seconds(46)).closes)
    }

    @Test("Frames: a ping after 15 s without sending, the end after 45 s without a byte")
    func keepAlive() {
        let machine = MachineProbe.openFrames()
        #expect(machine.nextDeadline == .seconds(15))
        #expect(machine.advance(to: .seconds(15)) == [.sendPing])
        machine.noteSent(at: .seconds(20))
        #expect(machine.nextDeadline == .seconds(35))
        #expect(machine.advance(to: .seconds(35)) == [.sendPing])
        var pong = ByteBuffer()
        FrameHeader(payloadBytes: 0, type: FrameType.pong).write(into: &pong)
        #expect(machine.receive(pong, at: .seconds(40)) == [])
        #expect(!machine.advance(to: .seconds(84.9)).closes)
        #expect(machine.advance(to: .seconds(85)).closes)
    }

    @Test("A side that rests from reading still pings and does not take the other for dead")
    func pausedIsAlive() {
        let machine = MachineProbe.openFrames()
        #expect(machine.pause() == [.pauseReading])
        #expect(machine.pause() == [])
        for second in stride(from: 15.0, through: 300, by: 15) { #expect(machine.advance(to: .seconds(second)) == [.sendPing]) }
        #expect(machine.resume(at: .seconds(300)) == [.resumeReading])
        #expect(!machine.advance(to: .seconds(330)).closes)
    }

    @Test("More than 400 messages at once are read at 200 a second, none is lost, and the reading stops in between")
    func messageRate() {
        let machine = MachineProbe.openLines(rate: MessageRate(at: .zero))
        let line = "{\"type\":\"get\",\"content\":\"modlist\"}\n"
        var effects = machine.receive(String(repeating: line, count: 1000))
        #expect(effects.count == 401 && effects.last == .pauseReading)
        var delivered = 400
        var now = Tick.zero
        while machine.nextDeadline < .distantFuture {
            now = machine.nextDeadline
            effects = machine.advance(to: now)
            delivered += effects.filter { if case .deliver = $0 { true } else { false } }.count
        }
        #expect(delivered == 1000)
        #expect(effects.last == .resumeReading)
        #expect(abs(now.seconds(since: .zero) - 3) < 0.01)
    }

    @Test("Commits are not counted as messages, and a volunteer at work is not slowed down")
    func liftedRate() {
        let machine = MachineProbe.openFrames(rate: MessageRate(perSecond: 1, burst: 1, at: .zero))
        machine.liftMessageRate()
        var queue = OutboundQueue(framing: .frames)
        for lease: UInt64 in 0..<1000 {
            queue.append(Commit(job: JobID(rawValue: 1), lease: lease, units: 0..<1, resultEnds: [0], bytes: ByteBuffer()))
            _ = queue.append(.progress(Message.Progress(job: JobID(rawValue: 1), lease: lease, next: 1)))
        }
        #expect(queue.takeAll().flatMap { machine.receive($0) }.count == 2000)
    }
}
