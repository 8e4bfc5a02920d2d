/// The name of a job: 64 random bits, written as 16 lower-case hexadecimal digits.
public struct JobID: Hashable, Comparable, Sendable, LosslessStringConvertible, Codable {
    /// The bits.
    public let rawValue: UInt64

    /// Names a job by its bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// A fresh name from the given source of randomness.
    public static func random(using generator: inout some RandomNumberGenerator) -> JobID {
        JobID(rawValue: generator.next())
    }

    /// Reads exactly 16 hexadecimal digits; `nil` for anything else.
    public init?(_ description: String) {
        guard description.utf8.count == 16, description.utf8.first != UInt8(ascii: "+"), let bits = UInt64(description, radix: 16)
        else { return nil }
        rawValue = bits
    }

    /// 16 lower-case hexadecimal digits.
    public var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Orders jobs by their bits; it means nothing more.
    public static func < (left: JobID, right: JobID) -> Bool { left.rawValue < right.rawValue }
}
