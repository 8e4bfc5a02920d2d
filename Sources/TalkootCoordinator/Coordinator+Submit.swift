public import Logging
public import TalkootCore
public import TalkootSandbox
public import TalkootStore

extension Coordinator {
    /// Where the output of a resumed job goes.
    public enum ResumedOutput: Hashable, Sendable {
        /// Where the requester said when submitting.
        case asSubmitted
        /// To this file.
        case file(String)
        /// Back to the caller, as when no path was given.
        case returned
    }

    /// Plans and measures a new job, writes its journal, and makes it ready to run. Blocks: one pass over the input, a cell's
    /// start for `plan`, and at most about 50 ms for choosing the size of units. Units that fail leave their capsules in `capsules`.
    ///
    /// - Throws: ``TalkootError`` `usage` for wrong parameters or a missing or unwanted input, `not-found`, `input-output` or `bad-data` for the
    ///   input, `cannot-create` for the output or the job's directory, `job-failed` when the module's `plan` fails.
    public static func submit(
        _ specification: JobSpecification, launcher: CellLauncher, capsules: CapsuleStore? = nil, seat: JobSeat = JobSeat(), logger: Logger
    ) throws(TalkootError) -> Coordinator {
        let manifest = specification.module.manifest
        try manifest.check(specification.parameters)
        if let path = specification.outputPath { try OutputFile.probe(path: path) }
        let plan = try JobPlan.make(specification, launcher: launcher, seat: seat, sampling: JobPlan.submission)
        let (input, image, shape) = (plan.input, plan.image, plan.estimate.shape)
        var record = record(specification, shape: shape, input: input)
        record.unitMicrocredits = plan.estimate.unitSeconds.map { max(1, UInt64(min($0.p50, 1e8) * 1e6)) }
        let journal = try JobJournal.create(directory: specification.directory, job: record)
        let decisions = JobDecisions(directory: specification.directory, job: record.id)
        decisions.note(.submitted, "submitted with \(shape.items) items in \(shape.units) units of \(shape.itemsPerUnit)")
        let job = CoordinatedJob(
            record: record, journal: journal, module: specification.module, image: image, launcher: launcher, input: input,
            destination: OutputDestination(path: specification.outputPath, directory: specification.directory),
            capsules: capsules.map { $0.label(record) }, isSpread: specification.spreadsInput, decisions: decisions, seat: seat)
        return try Coordinator(
            job: job, launcher: launcher, priorUnitSeconds: plan.estimate.unitSeconds?.p50, estimate: plan.estimate, logger: logger)
    }

    /// Takes up a job where its journal ends: after a kill, a `stop`, a failure (what failed is tried again), or when it is done and its
    /// output is wanted once more. The module must be the same, the input unchanged. `terms` replace those of the submission.
    ///
    /// - Throws: ``TalkootError`` `not-found` when there is no job, `try-later` when another process works on it, `refused` when it
    ///   was cancelled or the module is another one, `bad-data` when the input was changed or the journal is damaged.
    public static func resume(
        directory: String, module: JobModule, launcher: CellLauncher, output: ResumedOutput = .asSubmitted,
        terms: JobRecord.Terms? = nil, capsules: CapsuleStore? = nil, seat: JobSeat = JobSeat(), logger: Logger
    ) throws(TalkootError) -> Coordinator {
        let journal = try JobJournal.open(directory: directory, access: .exclusive)
        var record = try journal.record()
        guard record.state != .cancelled else {
            throw TalkootError(.refused, "job \(record.id) was cancelled", remedy: "run it anew")
        }
        guard record.module.digest == module.digest else {
            throw TalkootError(
                .refused,
                "job \(record.id) runs \(record.module.name) \(record.module.version) with digest \(record.module.digest.short), not \(module.digest.short)",
                remedy: "get that module and resume again")
        }
        let path = output.path(submitted: record.outputPath)
        if let path { try OutputFile.probe(path: path) }
        let input = try JobPlan.openInput(record.inputPath, manifest: module.manifest)
        if let input, input.identity.byteCount != record.inputBytes || record.inputModified.map({ $0 != input.identity.modified }) ?? false
        {
            throw InputFile.changed(input.path)
        }
        if try journal.forgetFailures() > 0 || record.state != .done {
            record = try journal.update {
                $0.state = .running
                $0.finished = nil
                if let terms { $0.terms = terms }
            }
        }
        let job = CoordinatedJob(
            record: record, journal: journal, module: module, image: try LibraryImage(bytes: module.library), launcher: launcher,
            input: input, destination: OutputDestination(path: path, directory: directory), capsules: capsules.map { $0.label(record) },
            decisions: JobDecisions(directory: directory, job: record.id), seat: seat)
        return try Coordinator(job: job, launcher: launcher, priorUnitSeconds: nil, logger: logger)
    }

    /// What a job will cost, from units run here for about `budgetSeconds`; nothing is written. Blocks that long, and for one pass over
    /// the input.
    ///
    /// - Throws: as ``submit(_:launcher:capsules:seat:logger:)``.
    public static func estimate(
        _ specification: JobSpecification, launcher: CellLauncher, budgetSeconds: Double
    ) throws(TalkootError) -> JobEstimate {
        try specification.module.manifest.check(specification.parameters)
        let sampling = JobPlan.Sampling(budgetSeconds: budgetSeconds, share: 1)
        return try JobPlan.make(specification, launcher: launcher, seat: JobSeat(), sampling: sampling).estimate
    }

    private static func record(_ specification: JobSpecification, shape: JobShape, input: InputFile?) -> JobRecord {
        let manifest = specification.module.manifest
        var record = JobRecord(
            id: specification.id, created: specification.created, requester: specification.requester,
            module: JobRecord.Module(digest: specification.module.digest, name: manifest.name, version: manifest.version),
            parameters: specification.parameters, shape: shape, seed: specification.seed, inputPath: specification.inputPath,
            inputBytes: input?.identity.byteCount ?? 0, outputPath: specification.outputPath, mode: specification.mode,
            limits: specification.limits, minimumLevel: specification.minimumLevel,
            verification: JobVerification(specification.verification))
        record.inputModified = input?.identity.modified
        record.terms = specification.terms
        return record
    }
}

extension Coordinator.ResumedOutput {
    fileprivate func path(submitted: String?) -> String? {
        switch self {
        case .asSubmitted: submitted
        case .file(let path): path
        case .returned: nil
        }
    }
}
