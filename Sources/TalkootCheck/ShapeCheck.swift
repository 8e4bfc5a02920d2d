import TalkootCore
import TalkootSandbox

/// Whether the output stays the same however the job is cut and its results are grouped.
struct ShapeCheck {
    let trial: Trial
    var random: CheckRandom

    private typealias Finding = CheckReport.Finding

    /// The job in units of other sizes.
    mutating func unitSizes(_ jobs: [TrialJob]) throws(TalkootError) -> CheckReport.Finding {
        var tried: Set<UInt64> = []
        for job in jobs {
            let whole = try trial.run(job) { Trial.Plan(itemsPerUnit: max(1, $0)) }
            guard whole.items > 1 else { continue }
            for size in sizes(whole.items) {
                let cut = try trial.run(job) { _ in Trial.Plan(itemsPerUnit: size) }
                tried.insert(size)
                if cut.output == whole.output, (cut.failure == nil) == (whole.failure == nil) { continue }
                return try difference(job, whole, cut, size)
            }
        }
        guard !tried.isEmpty else { return Finding("unit size", .skipped, "no sample has more than one item") }
        return Finding(
            "unit size", .passed, "the same output for units of \(tried.sorted().map(String.init).joined(separator: ", ")) items")
    }

    private mutating func sizes(_ items: UInt64) -> [UInt64] {
        let least = max(1, (items + CheckLimits.manyUnits - 1) / CheckLimits.manyUnits)
        var sizes: Set<UInt64> = [(items + 1) / 2, (items + 2) / 3, least]
        for _ in 0..<3 { sizes.insert(UInt64.random(in: least...items, using: &random)) }
        return sizes.filter { $0 < items }.sorted()
    }

    private func difference(
        _ job: TrialJob, _ whole: Trial.Outcome, _ cut: Trial.Outcome, _ size: UInt64
    ) throws(TalkootError) -> CheckReport.Finding {
        let place = whole.complaint == cut.complaint ? Difference.byte(whole.output, cut.output) : cut.complaint ?? "it was done"
        let detail = "\(job.name) gives another output in units of \(size) items than in one unit (\(place))"
        let seeded = try trial.run(job) { Trial.Plan(itemsPerUnit: max(1, $0), seed: 2) }
        guard seeded.output != whole.output else {
            return Finding(
                "unit size", .failed, detail, remedy: "let run depend on its items alone, and let merge put the parts together")
        }
        return Finding(
            "unit size", .failed, "\(detail), and another one with another seed: random numbers come from the unit",
            remedy: "draw them from the number of each item and a parameter, not from the unit's seed")
    }

    /// The results of one cut, folded in random groups.
    mutating func groupings(_ jobs: [TrialJob]) throws(TalkootError) -> CheckReport.Finding {
        var isTried = false
        for job in jobs {
            let outcome = try trial.run(job) { Trial.Plan(itemsPerUnit: max(1, ($0 + 15) / 16)) }
            guard outcome.failure == nil, outcome.results.count > 2 else { continue }
            let owner = try trial.owner(job)
            defer { owner.close() }
            guard owner.hasMerge else { return Finding("merge", .passed, "the module has none: results are put one after the other") }
            isTried = true
            for _ in 0..<CheckLimits.groupings {
                var groups = ""
                var folded = outcome
                if case .value(let bytes) = fold(outcome.results[...], in: owner, &groups) { trial.end([bytes], in: owner, &folded) }
                if folded.output == outcome.output, folded.failure == nil { continue }
                return Finding(
                    "merge", .failed, "\(job.name): results grouped as \(groups) give another output: \(Difference.place(outcome, folded))",
                    remedy: "make merge associative: its result must look like a unit's, and the grouping must not matter")
            }
        }
        guard isTried else { return Finding("merge", .skipped, "no sample has more than two units") }
        return Finding("merge", .passed, "the same output for \(CheckLimits.groupings) random groupings")
    }

    /// Splits at random until two or three are left, and merges them.
    private mutating func fold(_ results: ArraySlice<[UInt8]>, in owner: Cell, _ groups: inout String) -> CellAnswer<[UInt8]> {
        guard results.count > 1, let first = results.first else {
            groups += String(results.startIndex)
            return .value(results.first ?? [])
        }
        _ = first
        let middle = Int.random(in: results.startIndex + 1..<results.endIndex, using: &random)
        groups += "("
        let left = fold(results[..<middle], in: owner, &groups)
        groups += " "
        let right = fold(results[middle...], in: owner, &groups)
        groups += ")"
        switch (left, right) {
        case (.value(let left), .value(let right)): return owner.merge([left, right])
        case (.failure(let outcome), _), (_, .failure(let outcome)): return .failure(outcome)
        }
    }
}

/// Randomness that a seed repeats: SplitMix64.
struct CheckRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
