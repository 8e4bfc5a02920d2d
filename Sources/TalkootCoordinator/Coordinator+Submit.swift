public import Logging
public import TalkootCore
public import TalkootSandbox
import TalkootStore

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
        _ specification: JobSpecification, launcher: CellLauncher, capsules: CapsuleStore? = nil, logger: Logger
    ) throws(TalkootError) -> Coordinator {
        let manifest = specification.module.manifest
        try manifest.check(specification.parameters)
        if let path = specification.outputPath { try OutputFile.probe(path: path) }
        let input = try openInput(specification.inputPath, manifest: manifest)
        let image = try LibraryImage(bytes: specification.module.library)
        let cell = OwnCell(
            launcher: launcher, module: specification.module, image: image, parameters: specification.parameters,
            limits: specification.limits)
        defer { cell.close() }
        let items: UInt64
        if let input { items = input.index.items } else { items = try cell.plan(inputBytes: 0) }
        guard items <= JobJournal.maximumUnits else {
            throw TalkootError(.badData, "\(manifest.name) plans \(items) items; a job has at most \(JobJournal.maximumUnits)")
        }
        let (itemsPerUnit, unitSeconds) = try unitSize(specification, items: items, cell: cell, input: input)
        var record = record(specification, shape: JobShape(items: items, itemsPerUnit: itemsPerUnit), input: input)
        var worth = unitSeconds
        if worth == nil { worth = try measured(specification, record.shape, cell, input) }
        record.unitMicrocredits = worth.map { max(1, UInt64(min($0, 1e8) * 1e6)) }
        let journal = try JobJournal.create(directory: specification.directory, job: record)
        let job = CoordinatedJob(
            record: record, journal: journal, module: specification.module, image: image, launcher: launcher, input: input,
            destination: OutputDestination(path: specification.outputPath, directory: specification.directory),
            capsules: capsules.map { $0.label(record) }, isSpread: specification.spreadsInput)
        return try Coordinator(job: job, launcher: launcher, priorUnitSeconds: unitSeconds, logger: logger)
    }

    /// Takes up a job where its journal ends: after a kill, a `stop`, a failure (what failed is tried again), or when it is done and its
    /// output is wanted once more. The module must be the same, the input unchanged.
    ///
    /// - Throws: ``TalkootError`` `not-found` when there is no job, `try-later` when another process works on it, `refused` when it
    ///   was cancelled or the module is another one, `bad-data` when the input was changed or the journal is damaged.
    public static func resume(
        directory: String, module: JobModule, launcher: CellLauncher, output: ResumedOutput = .asSubmitted,
        capsules: CapsuleStore? = nil, logger: Logger
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
        let input = try openInput(record.inputPath, manifest: module.manifest)
        if let input, input.identity.byteCount != record.inputBytes || record.inputModified.map({ $0 != input.identity.modified }) ?? false
        {
            throw InputFile.changed(input.path)
        }
        if try journal.forgetFailures() > 0 || record.state != .done {
            record = try journal.update {
                $0.state = .running
                $0.finished = nil
            }
        }
        let job = CoordinatedJob(
            record: record, journal: journal, module: module, image: try LibraryImage(bytes: module.library), launcher: launcher,
            input: input, destination: OutputDestination(path: path, directory: directory), capsules: capsules.map { $0.label(record) })
        return try Coordinator(job: job, launcher: launcher, priorUnitSeconds: nil, logger: logger)
    }

    private static func openInput(_ path: String?, manifest: Manifest) throws(TalkootError) -> InputFile? {
        switch (manifest.input, path) {
        case (.none, nil): return nil
        case (.none, .some):
            throw TalkootError(.usage, "\(manifest.name) takes no input", remedy: "leave out --input")
        case (_, nil):
            throw TalkootError(.usage, "\(manifest.name) needs an input of \(manifest.input)", remedy: "add --input FILE")
        case (let kind, let path?): return try InputFile(path: path, kind: kind)
        }
    }

    private static func unitSize(
        _ specification: JobSpecification, items: UInt64, cell: OwnCell, input: InputFile?
    ) throws(TalkootError) -> (itemsPerUnit: UInt64, unitSeconds: Double?) {
        if let itemsPerUnit = specification.itemsPerUnit {
            guard itemsPerUnit > 0 else { throw TalkootError(.usage, "a unit has at least one item", remedy: "give --unit-size 1 or more") }
            return (itemsPerUnit, nil)
        }
        var calibration = Calibration(items: items, inputBytes: input?.identity.byteCount ?? 0, slots: specification.expectedSlots)
        if items > 0 { try cell.calibrate(&calibration, items: items, seed: specification.seed, input: input) }
        return calibration.choice
    }

    /// What a unit of a size that the requester chose costs here, where others are to get credit for it.
    private static func measured(
        _ specification: JobSpecification, _ shape: JobShape, _ cell: OwnCell, _ input: InputFile?
    ) throws(TalkootError) -> Double? {
        guard case .tracker = specification.mode, shape.items > 0 else { return nil }
        var calibration = Calibration(
            items: shape.items, inputBytes: input?.identity.byteCount ?? 0, slots: specification.expectedSlots)
        try cell.calibrate(&calibration, items: shape.items, seed: specification.seed, input: input)
        let choice = calibration.choice
        return choice.unitSeconds.map { $0 / Double(choice.itemsPerUnit) * Double(shape.itemsPerUnit) }
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
