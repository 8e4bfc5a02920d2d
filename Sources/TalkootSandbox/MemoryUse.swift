/// Decides how much of a memory stays touched between exchanges. What is given back has to be cleared and mapped anew when it is used
/// again, which takes ten times as long as to copy it.
struct MemoryUse {
    /// What is always kept, in bytes.
    static let leastBytes: UInt64 = 8 << 20
    /// The most that is kept, in bytes.
    static let mostBytes: UInt64 = 64 << 20
    /// After how many exchanges it is looked at whether less would do.
    static let window = 64

    private var touchedBytes: UInt64 = 0
    private var peakBytes: UInt64 = 0
    private var exchanges = 0

    /// Takes note of an exchange that used so many bytes from the start on.
    ///
    /// - Returns: from where on to give back what lies behind; nil for nothing.
    mutating func note(_ usedBytes: UInt64) -> UInt64? {
        touchedBytes = max(touchedBytes, usedBytes)
        peakBytes = max(peakBytes, usedBytes)
        exchanges += 1
        var kept = Self.mostBytes
        if exchanges >= Self.window {
            kept = min(kept, max(Self.leastBytes, peakBytes))
            (exchanges, peakBytes) = (0, 0)
        }
        guard touchedBytes > kept else { return nil }
        touchedBytes = kept
        return kept
    }
}
