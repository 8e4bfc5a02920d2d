/// What two results are compared by: 128 bits of a cryptographic digest of a unit's result.
public struct ResultDigest: Hashable, Sendable {
    /// Its first half.
    public var high: UInt64
    /// Its second half.
    public var low: UInt64

    /// The digest with these halves.
    public init(_ high: UInt64, _ low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The digest of the results of a run of units, given one after the other, keyed with the secret of the job so that nobody
    /// can look for results that end in the same value.
    mutating func append(_ next: ResultDigest, key: AuditSeed) {
        high = key.draw(high ^ next.high, next.low)
        low = key.draw(next.low &+ 0x9E37_79B9_7F4A_7C15, low ^ next.high)
    }

    /// The digest of no unit.
    public static let empty = ResultDigest(0, 0)
}
