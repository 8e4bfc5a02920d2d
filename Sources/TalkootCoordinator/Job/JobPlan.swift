import TalkootCore
import TalkootSandbox
import TalkootStore

/// A job cut into units and measured, before anything is written down.
struct JobPlan: Sendable {
    /// How much may be run here to find out what the job costs.
    struct Sampling: Sendable {
        /// At most so many seconds of whole units,
        var budgetSeconds: Double
        /// and at most this part of the job's time.
        var share: Double
    }

    /// What a submission may take: nothing that its requester would notice.
    static let submission = Sampling(budgetSeconds: 2, share: UnitSampling.share)

    let input: InputFile?
    let image: LibraryImage
    let estimate: JobEstimate

    /// Opens the input, counts items, chooses the size of units, and runs some of them.
    ///
    /// - Throws: ``TalkootError`` as ``Coordinator/submit(_:launcher:capsules:seat:logger:)`` says.
    static func make(
        _ specification: JobSpecification, launcher: CellLauncher, seat: JobSeat, sampling: Sampling
    ) throws(TalkootError) -> JobPlan {
        let manifest = specification.module.manifest
        let input = try openInput(specification.inputPath, manifest: manifest)
        let image = try LibraryImage(bytes: specification.module.library)
        let cell = OwnCell(
            launcher: launcher, module: specification.module, image: image, parameters: specification.parameters,
            limits: specification.limits, slot: seat.ownCell)
        defer { cell.close() }
        let items: UInt64
        if let input { items = input.index.items } else { items = try cell.plan(inputBytes: 0) }
        guard items <= JobJournal.maximumUnits else {
            throw TalkootError(.badData, "\(manifest.name) plans \(items) items; a job has at most \(JobJournal.maximumUnits)")
        }
        let (itemsPerUnit, unitSeconds) = try unitSize(specification, items: items, cell: cell, input: input)
        let shape = JobShape(items: items, itemsPerUnit: itemsPerUnit)
        var estimate = JobEstimate(shape: shape, samples: [], secondsPerItem: unitSeconds.map { $0 / Double(itemsPerUnit) })
        var units = UnitSampling(
            units: shape.units, unitSeconds: unitSeconds, budgetSeconds: sampling.budgetSeconds, share: sampling.share)
        let results = try cell.sample(&units, shape: shape, seed: specification.seed, input: input)
        estimate.samples = units.samples
        estimate.known = results.map(\.known)
        if !results.isEmpty {
            estimate.resultBytes = Double(results.reduce(0) { $0 + $1.resultBytes }) / Double(results.count) * Double(shape.units)
        }
        return JobPlan(input: input, image: image, estimate: estimate)
    }

    /// The input that a module wants, when it wants one.
    ///
    /// - Throws: ``TalkootError`` `usage` for a missing or unwanted one, `not-found`, `input-output` or `bad-data` for the file.
    static func openInput(_ path: String?, manifest: Manifest) throws(TalkootError) -> InputFile? {
        switch (manifest.input, path) {
        case (.none, nil): return nil
        case (.none, .some):
            throw TalkootError(.usage, "\(manifest.name) takes no input", remedy: "leave out --input")
        case (_, nil):
            throw TalkootError(.usage, "\(manifest.name) needs an input of \(manifest.input)", remedy: "add --input FILE")
        case (let kind, let path?): return try InputFile(path: path, kind: kind)
        }
    }

    /// The size of units: the requester's, else one that is measured for at most about 50 ms. Seconds are those of a unit.
    private static func unitSize(
        _ specification: JobSpecification, items: UInt64, cell: OwnCell, input: InputFile?
    ) throws(TalkootError) -> (itemsPerUnit: UInt64, unitSeconds: Double?) {
        if let itemsPerUnit = specification.itemsPerUnit {
            guard itemsPerUnit > 0 else { throw TalkootError(.usage, "a unit has at least one item", remedy: "give --unit-size 1 or more") }
            // Where others are to get credit for a unit, what it costs here must be known.
            guard case .tracker = specification.mode, items > 0 else { return (itemsPerUnit, nil) }
            var measuring = Calibration(items: items, inputBytes: input?.identity.byteCount ?? 0, slots: specification.expectedSlots)
            try cell.calibrate(&measuring, items: items, seed: specification.seed, input: input)
            let choice = measuring.choice
            return (itemsPerUnit, choice.unitSeconds.map { $0 / Double(choice.itemsPerUnit) * Double(itemsPerUnit) })
        }
        var calibration = Calibration(items: items, inputBytes: input?.identity.byteCount ?? 0, slots: specification.expectedSlots)
        if items > 0 { try cell.calibrate(&calibration, items: items, seed: specification.seed, input: input) }
        return calibration.choice
    }
}
