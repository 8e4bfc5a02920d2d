import TalkootCore
import TalkootSandbox

/// Whether a module's `equal` can tell results of strangers apart: everyone who verifies its jobs relies on that alone.
struct EqualCheck {
    let trial: Trial
    var random: CheckRandom

    private typealias Finding = CheckReport.Finding

    /// Looks at `equal` when the manifest declares a tolerance, or the module has one; `nil` when there is nothing to look at.
    mutating func run(_ jobs: [TrialJob]) throws(TalkootError) -> CheckReport.Finding? {
        let isNeeded = trial.manifest.determinism == .tolerance
        var compared = 0
        for job in jobs {
            let outcome = try trial.run(job) { Trial.Plan(itemsPerUnit: max(1, ($0 + CheckLimits.units - 1) / CheckLimits.units)) }
            let judge = try trial.owner(job)
            defer { judge.close() }
            guard judge.hasEqual else {
                guard isNeeded else { return nil }
                return Finding(
                    "equal", .failed, "module.yaml says `determinism: tolerance`, and the module has no `equal`",
                    remedy: "add `equal`, which says how much two results of one unit may differ")
            }
            for (unit, result) in outcome.results.enumerated() {
                if let complaint = complaint(about: result, judge) {
                    return Finding("equal", .failed, "unit \(unit) of \(job.name): \(complaint)", remedy: Self.remedy)
                }
                compared += 1
            }
        }
        guard compared > 0 else { return Finding("equal", .skipped, "no sample has a unit") }
        return Finding("equal", .passed, "it takes \(compared) results for themselves, and not for nothing or for noise")
    }

    private static let remedy =
        "let `equal` check the sizes first, compare every value with its tolerance, and say no to what is no number"

    /// Cells skip the module's `equal` for the same bytes, so a result is compared with others only: with nothing, with one that is longer,
    /// and with noise. Noise may happen to be near in some bytes, so most of them are enough.
    private mutating func complaint(about result: [UInt8], _ judge: Cell) -> String? {
        guard !result.isEmpty else { return nil }
        var noise = result
        for index in noise.indices { noise[index] ^= UInt8.random(in: 1...255, using: &random) }
        let strangers = [("nothing", []), ("itself and more behind", result + [0]), ("noise of the same length", noise)]
        for (words, stranger) in strangers {
            for (left, right) in [(result, stranger), (stranger, result)] {
                switch judge.equal(left, right) {
                case .value(false), .failure(.failed): continue
                case .value(true): return "`equal` takes it for \(words)"
                case .failure(let outcome): return "`equal` \(outcome.summary) when it is compared with \(words)"
                }
            }
        }
        return nil
    }
}
