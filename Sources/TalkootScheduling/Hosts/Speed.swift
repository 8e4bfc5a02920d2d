/// What is known of a host's speed: a moving average of units a second.
struct Speed: Hashable, Sendable {
    /// Units a second; 0 while unknown.
    private(set) var rate = 0.0
    /// How many samples went into it, up to 255.
    private(set) var samples: UInt8 = 0
    /// Work not yet made a sample.
    private var units = 0.0
    private var seconds = 0.0

    /// Counts `units` that took `seconds`. Once `window` seconds are together they become a sample with weight 0.3 (the
    /// first samples weigh more), so that reports that arrive in one go are not taken for infinite speed.
    mutating func count(units: UInt64, seconds: Double, window: Double) {
        self.units += Double(units)
        self.seconds += max(0, seconds)
        guard self.units > 0, self.seconds >= (rate == 0 ? 1e-6 : window) else { return }
        let sample = self.units / self.seconds
        rate += max(0.3, 1 / Double(samples + 1)) * (sample - rate)
        samples = min(samples + 1, 254)
        self.units = 0
        self.seconds = 0
    }
}
