public import TalkootCore
import TalkootScheduling

/// What a job will cost, from units that ran here before it was submitted.
public struct JobEstimate: Hashable, Sendable {
    /// A figure as it will probably be, and as it will hardly be exceeded (19 of 20 times), if this machine's samples are like the rest.
    public struct Quantiles: Hashable, Sendable {
        /// The median.
        public var p50: Double
        /// What 19 of 20 stay below.
        public var p95: Double
    }

    /// How many items the job has, and how they are cut into units.
    public var shape: JobShape
    /// The seconds that each sample unit took here; empty when only parts of units were measured.
    public var samples: [Double]
    /// The seconds an item takes on average, as far as known.
    public var secondsPerItem: Double?
    /// The size of the results of all units together, in bytes, by the samples; `nil` while unknown.
    public var resultBytes: Double?
    /// Units that ran here, for verification: who gives another result is wrong.
    var known: [KnownUnit] = []

    /// A unit's seconds on this machine; `nil` when no sample could be run.
    public var unitSeconds: Quantiles? {
        guard let mean else { return nil }
        guard samples.count > 1 else { return Quantiles(p50: mean, p95: 1.5 * mean) }
        let sorted = samples.sorted()
        return Quantiles(p50: sorted[(sorted.count - 1) / 2], p95: max(sorted[sorted.count - 1], mean + 1.645 * deviation))
    }

    /// The processor seconds of all units together, on machines like this one; `nil` when no sample could be run.
    public var processorSeconds: Quantiles? {
        guard let mean else { return nil }
        let units = Double(shape.units)
        let rest = units - Double(min(UInt64(samples.count), shape.units))
        guard samples.count > 1 else { return Quantiles(p50: units * mean, p95: (units + 0.5 * rest) * mean) }
        let error = Self.student(samples.count - 1) * deviation / Double(samples.count).squareRoot()
        return Quantiles(p50: units * mean, p95: units * mean + rest * error)
    }

    /// The seconds from start to output with so many slots of machines like this one, each unit run `copies` times on average.
    ///
    /// Near the end slots wait for the last units, and machines differ: the median has half a unit for that, the 95% a unit and a tenth.
    public func seconds(slots: Int, copies: Double = 1) -> Quantiles? {
        guard let total = processorSeconds, let unit = unitSeconds else { return nil }
        let width = Double(max(1, min(UInt64(max(1, slots)), max(1, shape.units))))
        return Quantiles(
            p50: total.p50 * copies / width + (width > 1 ? unit.p50 / 2 : 0),
            p95: 1.1 * total.p95 * copies / width + (width > 1 ? unit.p95 : 0))
    }

    private var mean: Double? {
        if !samples.isEmpty { return samples.reduce(0, +) / Double(samples.count) }
        return secondsPerItem.map { $0 * Double(min(shape.itemsPerUnit, max(1, shape.items))) }
    }

    private var deviation: Double {
        guard let mean, samples.count > 1 else { return 0 }
        return (samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples.count - 1)).squareRoot()
    }

    /// The 95% quantile (one-sided) of Student's distribution with so many degrees of freedom.
    private static func student(_ freedom: Int) -> Double {
        let table = [6.31, 2.92, 2.35, 2.13, 2.02, 1.94, 1.89, 1.86, 1.83, 1.81]
        return freedom <= table.count ? table[max(0, freedom - 1)] : 1.645 + 1.7 / Double(freedom)
    }
}

/// A unit whose right result is known.
struct KnownUnit: Hashable, Sendable {
    var unit: UInt64
    var digest: ResultDigest
}

/// Which whole units are run here before a job begins. Pure: the caller runs them.
///
/// They are spread over the job by the golden ratio, so that any number of them is. Small jobs get few: samples take at most
/// ``share`` of what the job costs, and stop after a budget of seconds.
struct UnitSampling: Sendable {
    /// The most units.
    static let limit = 16
    /// Samples take at most this part of the job's time.
    static let share = 0.02

    private let units: UInt64
    private let budget: Double
    private let expected: Double
    private(set) var samples: [Double] = []
    private var offered = 0
    private var ran: Set<UInt64> = []
    private var spent = 0.0

    /// Begins for a job of `units` units that take about `unitSeconds` each. `share` bounds the samples' part of the job's time.
    init(units: UInt64, unitSeconds: Double?, budgetSeconds: Double, share: Double = UnitSampling.share) {
        self.units = units
        expected = unitSeconds ?? 0
        let part = unitSeconds.map { share * Double(units) * $0 } ?? (share < 1 ? 0 : budgetSeconds)
        budget = min(budgetSeconds, part)
    }

    /// How long one sample may take, in seconds: twice what was expected of all, so that a slow unit does not hold up the requester.
    var limitSeconds: Double { 2 * budget }

    /// The unit to run next; `nil` when there are enough, or the budget would not last for one more.
    var next: UInt64? {
        guard budget > 0, offered < min(Self.limit, Int(clamping: units)), spent + expected <= budget else { return nil }
        let place = (Double(offered) * 0.618_033_988_749_895 + 0.5).truncatingRemainder(dividingBy: 1)
        let unit = min(units - 1, UInt64(place * Double(units)))
        return ran.contains(unit) ? (0..<units).first { !ran.contains($0) } : unit
    }

    /// What ``next`` took.
    mutating func record(_ unit: UInt64, seconds: Double) {
        ran.insert(unit)
        offered += 1
        spent += seconds
        samples.append(seconds)
    }
}
