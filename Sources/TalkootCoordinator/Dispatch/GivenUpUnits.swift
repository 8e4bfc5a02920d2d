import TalkootCore

/// A unit that nobody is asked to run any more.
struct GivenUpUnit: Sendable {
    var unit: UInt64
    /// How it ended the last time.
    var outcome: UnitOutcome
    /// What the module had logged then: the end of it, or nothing when that was not kept.
    var log: [UInt8]
}

/// The units of a job that were given up, and whether there are too many. Pure.
struct GivenUpUnits: Sendable {
    /// The first few, in the order in which they were given up.
    private(set) var first: [GivenUpUnit] = []
    /// How many in all.
    private(set) var count: UInt64 = 0

    /// Takes one more.
    mutating func add(_ unit: GivenUpUnit) {
        count += 1
        if first.count < CoordinatorLimits.unitsGivenUpKept { first.append(unit) }
    }

    /// Why the rest of a job of `units` units, of which `done` have results, is not worth a try; `nil` when it is.
    func reasonToAbort(units: UInt64, done: UInt64) -> String? {
        let tenth = max(1, units / 10 + (units % 10 == 0 ? 0 : 1))
        if done == 0, count >= min(tenth, CoordinatorLimits.failuresToAbort) {
            return count == units ? "all its units failed" : "the first \(count) of its \(units) units all failed"
        }
        return count >= CoordinatorLimits.unitsGivenUp ? "\(count) units failed" : nil
    }

    /// What the job's failure says: the first unit with how it ended, and how many more there are.
    func summary(_ describe: (UInt64) -> String) -> String {
        guard let lost = first.first else { return "" }
        let words = "\(describe(lost.unit)) \(lost.outcome.summary)"
        return count > 1 ? "\(words) (and \(count - 1) more \(count == 2 ? "unit" : "units") failed)" : words
    }
}
