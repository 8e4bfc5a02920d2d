/// How many units the next batch gets, from how long the last ones took.
struct BatchSizing {
    /// What a batch should take, in seconds.
    let batchSeconds: Double
    /// The count for the next batch; the first one has a single unit.
    private(set) var count = 1
    /// Seconds a unit, a moving average; nil before the first.
    private var unitSeconds: Double?

    init(batchSeconds: Double) { self.batchSeconds = batchSeconds }

    /// Notes what a batch took.
    mutating func learn(units: Int, seconds: Double) {
        guard units > 0 else { return }
        let measured = max(seconds, 1e-9) / Double(units)
        let average = unitSeconds.map { ($0 + measured) / 2 } ?? measured
        unitSeconds = average
        let fitting = Int(min(batchSeconds / average, Double(UnitBatch.unitLimit)))
        count = max(1, min(fitting, max(units, count) * RangeRunner.growth, UnitBatch.unitLimit))
    }
}
