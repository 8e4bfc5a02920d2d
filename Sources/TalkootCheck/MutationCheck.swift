import TalkootCore
import TalkootSandbox

/// Whether the module stays upright when parameters, input and results are not what it expects.
///
/// Saying no, or taking long, is right; crashing, forbidden calls and running out of memory are not.
struct MutationCheck {
    var trial: Trial
    let kind: InputKind
    var random: CheckRandom

    private typealias Finding = CheckReport.Finding

    init(trial: Trial, kind: InputKind, random: CheckRandom) {
        (self.trial, self.kind, self.random) = (trial, kind, random)
        self.trial.unitSeconds = CheckLimits.mutationSeconds
    }

    /// Parameters at the ends of what the manifest allows.
    func parameters(_ job: TrialJob, of manifest: Manifest) throws(TalkootError) -> CheckReport.Finding {
        var tried = 0
        for parameter in manifest.parameters {
            for value in Self.extremes(parameter) where tried < 4 * CheckLimits.mutations {
                tried += 1
                var parameters = job.parameters
                parameters[parameter.name] = value
                let extreme = TrialJob(name: job.name, parameters: parameters, input: job.input, kind: kind)
                // One unit of few items at the end: with extreme parameters the whole may be endless.
                let outcome = try trial.run(extreme) { _ in Trial.Plan(itemsPerUnit: 16, unitLimit: 1) }
                guard let complaint = Self.fault(outcome) else { continue }
                return Finding(
                    "parameters", .failed, "with \(parameter.name)=\(Self.short(value)), which the manifest allows, \(complaint)",
                    remedy: "check it in plan or run with host->fail, or set minimum and maximum in module.yaml")
            }
        }
        guard tried > 0 else { return Finding("parameters", .skipped, "the module has none") }
        return Finding("parameters", .passed, "\(tried) values at the ends of what is allowed")
    }

    private static func short(_ value: ParameterValue) -> String {
        let text = value.description
        return text.utf8.count > 40 ? "a text of \(text.utf8.count) bytes" : text
    }

    static func extremes(_ parameter: ModuleParameter) -> [ParameterValue] {
        let candidates: [ParameterValue]
        switch parameter.kind {
        case .integer:
            let bounds = [parameter.minimum, parameter.maximum].compactMap { $0 }
            candidates = bounds + [.min, -1, 0, 1, 2, 1 << 31, 1 << 32, .max].map(ParameterValue.integer)
        case .real:
            let bounds = [parameter.minimum, parameter.maximum].compactMap { $0 }
            candidates = bounds + [-1e308, -1, 0, .leastNonzeroMagnitude, 1, 1e308].map(ParameterValue.real)
        case .flag: candidates = [.flag(true), .flag(false)]
        case .text:
            let texts = parameter.choices ?? ["", " ", "%s%n", "../..", "\u{1F600}", String(repeating: "x", count: 4096)]
            candidates = texts.map(ParameterValue.text)
        }
        var seen: Set<ParameterValue> = []
        return candidates.filter { (try? parameter.check($0)) != nil && seen.insert($0).inserted }
    }

    /// Damaged input.
    mutating func inputs(_ job: TrialJob) throws(TalkootError) -> CheckReport.Finding {
        guard let input = job.input else { return Finding("input", .skipped, "the module reads none") }
        for number in 0..<CheckLimits.mutations {
            let changed = TrialJob(name: job.name, parameters: job.parameters, input: damaged(input, number), kind: kind)
            let outcome = try trial.run(changed) { Trial.Plan(itemsPerUnit: max(1, $0 / 2), unitLimit: 4) }
            guard let complaint = Self.fault(outcome) else { continue }
            return Finding(
                "input", .failed, "\(complaint) with a damaged input (change \(number) of \(job.name))",
                remedy: "check sizes before reading; the seed in this report repeats the change")
        }
        return Finding("input", .passed, "\(CheckLimits.mutations) damaged inputs")
    }

    /// Damaged results, which strangers may send.
    mutating func results(_ job: TrialJob) throws(TalkootError) -> CheckReport.Finding {
        let honest = try trial.run(job) { Trial.Plan(itemsPerUnit: max(1, ($0 + 3) / 4)) }
        var owner = try trial.owner(job)
        defer { owner.close() }
        guard honest.failure == nil, !honest.results.isEmpty, owner.hasMerge || owner.hasFinish else {
            return Finding("results", .skipped, "there is neither merge nor finish, or no result")
        }
        for number in 0..<CheckLimits.mutations {
            var results = honest.results
            let victim = Int.random(in: results.indices, using: &random)
            results[victim] = damaged(results[victim], number)
            var outcome = Trial.Outcome()
            trial.end(results, in: owner, &outcome)
            if let complaint = Self.fault(outcome) {
                return Finding(
                    "results", .failed, "\(complaint) with a damaged result (change \(number) of \(job.name))",
                    remedy: "results come from strangers: check their sizes and counts in merge and finish before reading")
            }
            if !owner.isAlive { owner = try trial.owner(job) }
        }
        return Finding("results", .passed, "\(CheckLimits.mutations) damaged results")
    }

    private mutating func damaged(_ bytes: [UInt8], _ number: Int) -> [UInt8] {
        var changed = bytes
        switch number {
        case 0: return []
        case 1: return Array(bytes.dropLast())
        case 2: return bytes + [0]
        case 3: return bytes + bytes
        case 4: return [UInt8](repeating: 0xFF, count: max(1, bytes.count))
        case 5: return [UInt8](repeating: 0, count: max(1, bytes.count))
        case 6: return Array(bytes.prefix(bytes.count / 2))
        case 7: return [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 16)
        default:
            for _ in 0..<(1 + number % 4) where !changed.isEmpty {
                let place = Int.random(in: changed.indices, using: &random)
                changed[place] = [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
            }
            return changed
        }
    }

    /// What no module may do, whatever it is given; `nil` when it did nothing of the sort.
    static func fault(_ outcome: Trial.Outcome) -> String? {
        guard let failure = outcome.failure else { return nil }
        switch failure.outcome {
        case .done, .failed, .deadline, .output: return nil
        case .memory, .crashed, .forbidden, .violated, .exited: return outcome.complaint
        }
    }
}
