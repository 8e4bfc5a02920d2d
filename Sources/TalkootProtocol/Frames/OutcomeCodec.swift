import NIOCore
import TalkootCore

/// A failed unit's outcome: kind u8, number u64, length u16, text.
enum OutcomeCodec {
    /// The longest text, in bytes.
    static let textBytes = 1 << 10

    static func write(_ outcome: UnitOutcome, into buffer: inout ByteBuffer) {
        let (kind, number, text) = fields(of: outcome)
        let utf8 = Array(text.utf8.prefix(textBytes))
        buffer.writeMultipleIntegers(kind, number, UInt16(utf8.count))
        buffer.writeBytes(utf8)
    }

    /// Reads an outcome; `nil` when it is cut short, of an unknown kind, or no failure.
    static func read(from buffer: inout ByteBuffer) -> UnitOutcome? {
        guard let (kind, number, length) = buffer.readMultipleIntegers(as: (UInt8, UInt64, UInt16).self),
            Int(length) <= textBytes, let bytes = buffer.readBytes(length: Int(length))
        else { return nil }
        return outcome(kind: kind, number: number, text: String(decoding: bytes, as: UTF8.self))
    }

    private static func fields(of outcome: UnitOutcome) -> (kind: UInt8, number: UInt64, text: String) {
        switch outcome {
        case .done: (0, 0, "")
        case .failed(let message): (1, 0, message)
        case .crashed(let signal, let place): (2, UInt64(bitPattern: Int64(signal)), place)
        case .forbidden(let call, let number, let place):
            (3, UInt64(bitPattern: Int64(number)), place.isEmpty ? call : call + UnitOutcome.gap + place)
        case .deadline(let seconds): (4, seconds.bitPattern, "")
        case .memory(let limit): (5, limit, "")
        case .output(let limit): (6, limit, "")
        case .violated(let rule): (7, 0, rule)
        case .exited(let status): (8, UInt64(bitPattern: Int64(status)), "")
        }
    }

    private static func outcome(kind: UInt8, number: UInt64, text: String) -> UnitOutcome? {
        let small = Int32(truncatingIfNeeded: number)
        let seconds = Double(bitPattern: number)
        switch kind {
        case 1: return .failed(message: text)
        case 2: return .crashed(signal: small, place: text)
        case 3: return UnitOutcome(call: text, number: small)
        case 4: return seconds.isFinite && seconds >= 0 ? .deadline(seconds: seconds) : nil
        case 5: return .memory(limitBytes: number)
        case 6: return .output(limitBytes: number)
        case 7: return .violated(rule: text)
        case 8: return .exited(status: small)
        default: return nil
        }
    }
}
