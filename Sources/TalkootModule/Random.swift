/// Random numbers that a seed decides, the same on every machine: SplitMix64, as a generator of the standard library.
///
/// ```swift
/// for item in unit.items {
///     var random = Random(seed: seed, item: item)
///     let x = random.unit()
/// }
/// ```
public struct Random: RandomNumberGenerator {
    private var state: UInt64

    /// The stream of a seed.
    public init(seed: UInt64) { state = seed }

    /// A stream of its own for one item, so that the results do not depend on how the job is cut. `seed` is a parameter of the job.
    public init(seed: UInt64, item: UInt64) {
        var mixer = Random(seed: seed ^ (item &* 0xD1B5_4A32_D192_ED03))
        state = mixer.next()
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// In 0 ..< 1, a multiple of 2^-53.
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
