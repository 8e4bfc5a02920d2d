import NIOCore
import TalkootCore

@testable import TalkootProtocol

/// A machine by reference, so that its calls can stand in expectations.
final class MachineProbe {
    typealias Effect = ConnectionMachine.Effect

    static let hello = Message.Hello(features: Feature.all, agent: "test", platform: "")

    private var machine: ConnectionMachine

    init(role: ConnectionMachine.Role, rate: MessageRate? = nil, at now: Tick = .zero) {
        machine = ConnectionMachine(role: role, hello: Self.hello, rate: rate, at: now)
    }

    /// An accepting machine beyond the greeting.
    static func openFrames(rate: MessageRate? = nil) -> MachineProbe {
        let probe = MachineProbe(role: .accepting(allowsClear: true), rate: rate)
        var queue = OutboundQueue(framing: .frames)
        queue.appendPreface()
        _ = queue.append(.hello(Self.hello))
        for bytes in queue.takeAll() { _ = probe.receive(bytes) }
        return probe
    }

    /// An accepting machine that speaks lines.
    static func openLines(rate: MessageRate? = nil) -> MachineProbe {
        let probe = MachineProbe(role: .accepting(allowsClear: true), rate: rate)
        _ = probe.receive("\n")
        return probe
    }

    func receive(_ bytes: ByteBuffer, at now: Tick = .zero) -> [Effect] { machine.receive(bytes, at: now) }
    func receive(_ text: String, at now: Tick = .zero) -> [Effect] { machine.receive(ByteBuffer(string: text), at: now) }
    func receive(_ bytes: some Sequence<UInt8>, at now: Tick = .zero) -> [Effect] { machine.receive(ByteBuffer(bytes: bytes), at: now) }
    func start() -> [Effect] { machine.start(at: .zero) }
    func shakeHands(agreed: Bool = true, refusal: Message.Fault? = nil) -> [Effect] {
        machine.handshakeCompleted(agreedOnProtocol: agreed, refusal: refusal, at: .zero)
    }
    func ended() -> [Effect] { machine.ended() }
    func pause() -> [Effect] { machine.pause() }
    func resume(at now: Tick) -> [Effect] { machine.resume(at: now) }
    func advance(to now: Tick) -> [Effect] { machine.advance(to: now) }
    func noteSent(at now: Tick) { machine.noteSent(at: now) }
    func liftMessageRate() { machine.liftMessageRate() }
    /// The memory behind what is received and not yet understood.
    var keptBytes: Int { machine.buffer.capacity }
    var nextDeadline: Tick { machine.nextDeadline }
}

extension [ConnectionMachine.Effect] {
    /// Whether the connection is closed.
    var closes: Bool { contains { if case .close = $0 { true } else { false } } }

    /// The fault that the peer is told.
    var fault: Message.Fault? {
        for effect in self {
            if case .send(.error(let fault)) = effect { return fault }
            if case .refuse(let fault) = effect { return fault }
        }
        return nil
    }

    /// Why the connection is closed.
    var closeError: TalkootError? {
        for effect in self { if case .close(let error) = effect { return error } }
        return nil
    }
}
