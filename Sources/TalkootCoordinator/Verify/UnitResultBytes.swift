import TalkootCore
import TalkootPackaging
import TalkootScheduling

/// Results of a run of units, one behind the other.
struct UnitResultBytes: Sendable {
    let units: Range<UInt64>
    let ends: [Int]
    let bytes: [UInt8]

    /// What a unit's result is compared by: half of its SHA-256. The unit must be one of ``units``.
    func digest(of unit: UInt64) -> ResultDigest { Self.digest(of: bytes(of: unit)) }

    /// A unit's result. The unit must be one of ``units``.
    func bytes(of unit: UInt64) -> ArraySlice<UInt8> {
        let place = Int(unit - units.lowerBound)
        return bytes[(place == 0 ? 0 : ends[place - 1])..<ends[place]]
    }

    /// What these bytes are compared by.
    static func digest(of result: ArraySlice<UInt8>) -> ResultDigest {
        let words = Hashing.sha256(result).bytes
        func word(_ from: Int) -> UInt64 { words[from..<from + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        return ResultDigest(word(0), word(8))
    }
}
