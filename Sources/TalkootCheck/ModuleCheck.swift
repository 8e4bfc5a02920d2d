public import TalkootCore
import TalkootSandbox

/// Tries a module in real cells, as a cautious author would before volunteers do: what `talkoot module check` calls.
public struct ModuleCheck: Sendable {
    private let subject: CheckSubject
    private let cellPath: String?
    private let seed: UInt64

    /// A check of this module.
    ///
    /// - Parameters:
    ///   - subject: the module.
    ///   - cellPath: talkoot-cell, when it is not where it usually is.
    ///   - seed: decides all random choices.
    public init(_ subject: CheckSubject, cellPath: String? = nil, seed: UInt64) {
        (self.subject, self.cellPath, self.seed) = (subject, cellPath, seed)
    }

    /// Runs everything. Some seconds for samples that take some milliseconds.
    ///
    /// - Parameter progress: called before each part with its name.
    /// - Throws: ``TalkootError`` when this machine cannot confine a module; what the module does wrong is a finding.
    public func run(progress: (String) -> Void = { _ in }) throws(TalkootError) -> CheckReport {
        var report = CheckReport(
            module: subject.manifest.name, version: subject.manifest.version.description, seed: seed, findings: [], cost: [],
            determinism: .exact)
        let conditions = Conditions(cellPath: cellPath)
        let plain = try LibraryImage(bytes: subject.libraries[0].bytes)
        let trial = Trial(launcher: try conditions.launcher(.reference), library: plain, manifest: subject.manifest)
        progress("samples")
        let jobs = try jobs()
        let (samples, working) = try checkSamples(jobs, trial)
        report.findings.append(samples)
        // What fails in itself is no ground to compare on.
        guard !working.isEmpty else { return report }
        let few = Array(working.prefix(CheckLimits.samples))
        progress("determinism")
        var determinism = DeterminismCheck(subject: subject, plain: plain, conditions: conditions)
        try determinism.run(few)
        report.findings += determinism.findings
        report.determinism = determinism.isExact ? .exact : subject.manifest.determinism == .tolerance ? .tolerance : .none
        var equal = EqualCheck(trial: trial, random: CheckRandom(seed: seed ^ 2))
        if let finding = try equal.run(few) { report.findings.append(finding) }
        progress("unit sizes and merging")
        if determinism.isExact {
            var shape = ShapeCheck(trial: trial, random: CheckRandom(seed: seed))
            report.findings += [try shape.unitSizes(few), try shape.groupings(few)]
        }
        progress("damaged input")
        var mutation = MutationCheck(trial: trial, kind: subject.manifest.input, random: CheckRandom(seed: seed ^ 1))
        let first = few[few.count - 1]
        report.findings += [
            try mutation.parameters(first, of: subject.manifest), try mutation.inputs(first), try mutation.results(first),
        ]
        progress("cost")
        report.cost = try cost(few, trial)
        return report
    }

    /// The samples as jobs.
    private func jobs() throws(TalkootError) -> [TrialJob] {
        let manifest = subject.manifest
        let defaults = Dictionary(manifest.parameters.compactMap { each in each.defaultValue.map { (each.name, $0) } }) { first, _ in first
        }
        return manifest.samples.enumerated().map { number, sample in
            TrialJob(
                name: "sample \(number)", parameters: defaults.merging(sample.parameters) { $1 },
                input: sample.input.map { Array($0.utf8) },
                kind: manifest.input, sample: sample)
        }
    }

    /// Each sample's output, and the samples that ran to their end.
    private func checkSamples(_ jobs: [TrialJob], _ trial: Trial) throws(TalkootError) -> (CheckReport.Finding, [TrialJob]) {
        guard !jobs.isEmpty else {
            return (
                CheckReport.Finding(
                    "samples", .failed, "module.yaml has none",
                    remedy: "add `samples` with small parameters and the output that you know to be right"), []
            )
        }
        var working: [TrialJob] = []
        var complaint: String?
        for job in jobs {
            let outcome = try trial.run(job) { Trial.Plan(itemsPerUnit: max(1, $0)) }
            if let failure = outcome.complaint {
                complaint = complaint ?? "\(job.name): \(failure)"
                continue
            }
            working.append(job)
            if let problem = Self.difference(outcome.output, job.sample) { complaint = complaint ?? "\(job.name): \(problem)" }
        }
        guard let complaint else {
            return (CheckReport.Finding("samples", .passed, "\(jobs.count) give the output that module.yaml says"), working)
        }
        return (CheckReport.Finding("samples", .failed, complaint, remedy: "mend the module, or the sample"), working)
    }

    private static func difference(_ output: [UInt8], _ sample: Manifest.Sample?) -> String? {
        guard let sample else { return nil }
        if let expected = sample.output.map({ Array($0.utf8) }), expected != output {
            return "another output than expected at \(Difference.byte(expected, output)): `\(excerpt(output))`"
        }
        if let digest = sample.outputDigest, digest != CheckSubject.digest(of: output) {
            return "the output's SHA-256 is \(CheckSubject.digest(of: output)), not \(digest)"
        }
        return nil
    }

    private static func excerpt(_ output: [UInt8]) -> String {
        String(decoding: output.prefix(60).map { (32..<127).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
    }

    /// Units of growing size of the sample with the most items.
    private func cost(_ jobs: [TrialJob], _ trial: Trial) throws(TalkootError) -> [CheckReport.Cost] {
        var best: (job: TrialJob, items: UInt64)?
        for job in jobs {
            let owner = try trial.owner(job)
            defer { owner.close() }
            if case .value(let items) = trial.items(job, in: owner), items > best?.items ?? 0 { best = (job, items) }
        }
        guard let best else { return [] }
        var points: [CheckReport.Cost] = []
        var size: UInt64 = 1
        while true {
            let plan = Trial.Plan(itemsPerUnit: size, unitLimit: 1)
            var seconds = Double.infinity
            for _ in 0..<3 { seconds = min(seconds, try trial.run(best.job) { _ in plan }.processorSeconds) }
            points.append(CheckReport.Cost(items: size, seconds: seconds))
            if size >= best.items || seconds > CheckLimits.costSeconds { return points }
            size = min(size > best.items / 8 ? best.items : size * 8, best.items)
        }
    }
}
