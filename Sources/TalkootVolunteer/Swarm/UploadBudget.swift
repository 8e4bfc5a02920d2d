import TalkootCore

/// How many bytes a volunteer may send to others, over all of its jobs: a bucket that fills at the owner's rate. Pure.
struct UploadBudget: Sendable {
    /// The rate, in bytes a second.
    let bytesPerSecond: Double
    private var available: Double
    private var last: Tick

    init(bytesPerSecond: UInt64, at now: Tick) {
        self.bytesPerSecond = Double(bytesPerSecond)
        available = Self.burst(Double(bytesPerSecond))
        last = now
    }

    /// Takes bytes; they may overdraw the bucket once.
    ///
    /// - Returns: how long to wait before the bytes may be sent, in seconds; 0 when they are taken.
    mutating func take(_ count: Int, at now: Tick) -> Double {
        available = min(Self.burst(bytesPerSecond), available + bytesPerSecond * max(0, now.seconds(since: last)))
        last = now
        guard available > 0 else { return max(0.01, -available / bytesPerSecond) }
        available -= Double(count)
        return 0
    }

    private static func burst(_ rate: Double) -> Double { max(rate / 4, Double(ChunkLayout.mostChunkBytes)) }
}
