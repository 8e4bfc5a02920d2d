/// The secret from which audits are drawn: 128 bits and a keyed function of them (SipHash-2-4, Aumasson and Bernstein 2012).
///
/// Nobody who does not know it can tell which units will be audited, however many draws he has seen; who learns it at the end of
/// the job can repeat every draw.
public struct AuditSeed: Hashable, Sendable, Codable {
    /// Its first half.
    public let first: UInt64
    /// Its second half.
    public let second: UInt64

    /// The seed with these halves.
    public init(_ first: UInt64, _ second: UInt64) {
        self.first = first
        self.second = second
    }

    /// A fresh one.
    public static func random(using generator: inout some RandomNumberGenerator) -> AuditSeed {
        AuditSeed(generator.next(), generator.next())
    }

    /// Its 16 bytes, of which the hash is published.
    public var bytes: [UInt8] { [first, second].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } } }

    /// The draw for two numbers: uniform among all 64-bit numbers.
    public func draw(_ one: UInt64, _ other: UInt64) -> UInt64 {
        var state = SipState(self)
        state.absorb(one)
        state.absorb(other)
        return state.finish(byteCount: 16)
    }
}

/// SipHash-2-4 over whole 64-bit words.
private struct SipState {
    private var v0, v1, v2, v3: UInt64

    init(_ key: AuditSeed) {
        v0 = key.first ^ 0x736f_6d65_7073_6575
        v1 = key.second ^ 0x646f_7261_6e64_6f6d
        v2 = key.first ^ 0x6c79_6765_6e65_7261
        v3 = key.second ^ 0x7465_6462_7974_6573
    }

    mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    mutating func finish(byteCount: UInt64) -> UInt64 {
        absorb(byteCount << 56)
        v2 ^= 0xff
        round()
        round()
        round()
        round()
        return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func round() {
        v0 &+= v1
        v2 &+= v3
        v1 = (v1 << 13 | v1 >> 51) ^ v0
        v3 = (v3 << 16 | v3 >> 48) ^ v2
        v0 = v0 << 32 | v0 >> 32
        v2 &+= v1
        v0 &+= v3
        v1 = (v1 << 17 | v1 >> 47) ^ v2
        v3 = (v3 << 21 | v3 >> 43) ^ v0
        v2 = v2 << 32 | v2 >> 32
    }
}
