/// The name of one meeting of two peers that a tracker arranges: 16 random bytes, written as 32 hexadecimal digits.
public struct CircuitID: Hashable, Sendable, LosslessStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// A name that nobody can guess.
    public static func random(using generator: inout some RandomNumberGenerator) -> CircuitID {
        CircuitID(high: generator.next(), low: generator.next())
    }

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 32 hexadecimal digits; `nil` for anything else.
    public init?(_ description: String) {
        let isHexadecimal = description.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) || (65...70).contains($0) }
        guard description.utf8.count == 32, isHexadecimal, let high = UInt64(description.prefix(16), radix: 16),
            let low = UInt64(description.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    /// 32 lower-case hexadecimal digits.
    public var description: String {
        [high, low].map { number in
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
