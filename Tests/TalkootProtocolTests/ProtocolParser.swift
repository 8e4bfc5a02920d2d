import NIOCore
import TalkootCore

@testable import TalkootProtocol

/// A parser of what any peer may send, with what must hold whatever comes in. `Fuzz` runs them under libFuzzer, and tests run what that found.
enum ProtocolParser: String, CaseIterable {
    /// The first bytes of a connection, which decide what it speaks.
    case sniffing
    /// Messages as lines.
    case lines
    /// Messages, results and bytes in frames.
    case frames
    /// The JSON of one message.
    case json

    /// Reads the bytes.
    ///
    /// - Returns: what did not hold; nil when all is well. What is worse ends the process.
    func fault(reading bytes: [UInt8]) -> String? {
        switch self {
        case .json: Self.jsonFault(bytes)
        case .sniffing, .lines, .frames: connectionFault(bytes)
        }
    }

    /// What is read is written so that it reads as the same message.
    private static func jsonFault(_ bytes: [UInt8]) -> String? {
        guard case .success(let message) = MessageCodec.decode(ByteBuffer(bytes: bytes)) else { return nil }
        let written = MessageCodec.encode(message)
        guard written.readableBytes <= Limits.controlBytes else { return nil }
        return MessageCodec.decode(written) == .success(message) ? nil : "written again it is another message: \(message)"
    }

    /// The same comes out however the bytes are cut, and no more is kept than the largest frame.
    private func connectionFault(_ bytes: [UInt8]) -> String? {
        let opening = ByteBuffer(bytes: opening)
        let whole = Self.outcome(of: opening, bytes, piece: .max)
        let pieces = Self.outcome(of: opening, bytes, piece: 1 + Int(bytes.last ?? 0) % 29)
        for (left, right) in zip(whole.events, pieces.events) where left != right { return "in one piece \(left), in several \(right)" }
        guard whole.events.count == pieces.events.count, whole.bodyBytes == pieces.bodyBytes else {
            return
                "in one piece \(whole.events.count) events and \(whole.bodyBytes) bytes of bodies, in several \(pieces.events.count) and "
                + "\(pieces.bodyBytes), the last of which are \(whole.events.suffix(2)) and \(pieces.events.suffix(2))"
        }
        let kept = max(whole.keptBytes, pieces.keptBytes)
        return kept > Limits.chunkBytes + bytes.count + 64 ? "\(kept) bytes are kept of \(bytes.count)" : nil
    }

    /// What an honest peer sends before.
    private var opening: [UInt8] {
        switch self {
        case .sniffing, .json: return []
        case .lines: return [UInt8(ascii: "\n")]
        case .frames:
            var queue = OutboundQueue(framing: .frames)
            queue.appendPreface()
            _ = queue.append(.hello(Message.Hello(features: Feature.all, agent: "fuzz", platform: "")))
            return queue.takeAll().flatMap { Array($0.readableBytesView) }
        }
    }

    /// What a connection made of its bytes: an end of a body for all its parts, which follow the pieces.
    private struct Outcome {
        var events: [ConnectionMachine.Effect] = []
        var bodyBytes = 0
        var keptBytes = 0

        mutating func note(_ effects: [ConnectionMachine.Effect]) {
            for effect in effects {
                switch effect {
                case .deliver(.body(let part, let isLast)):
                    bodyBytes += part.readableBytes
                    if isLast { events.append(.deliver(.body(ByteBuffer(), isLast: true))) }
                // TLS takes over with what happens to be there.
                case .startTLS: events.append(.startTLS(ByteBuffer()))
                case .pauseReading, .resumeReading: break
                default: events.append(effect)
                }
            }
        }
    }

    private static func outcome(of opening: ByteBuffer, _ bytes: [UInt8], piece: Int) -> Outcome {
        let hello = Message.Hello(features: Feature.all, agent: "fuzz", platform: "")
        var machine = ConnectionMachine(role: .accepting(allowsClear: true), hello: hello, at: .zero)
        var outcome = Outcome()
        if opening.readableBytes > 0 { outcome.note(machine.receive(opening, at: .zero)) }
        let size = min(piece, max(1, bytes.count))
        for start in stride(from: 0, to: bytes.count, by: size) {
            outcome.note(machine.receive(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + size)]), at: .zero))
            outcome.keptBytes = max(outcome.keptBytes, machine.buffer.capacity)
        }
        outcome.note(machine.ended())
        return outcome
    }
}
