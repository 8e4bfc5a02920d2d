import TalkootCore
import TalkootSandbox

/// The requester's own cell: plan, calibration, merge and finish run here, confined like everything a module does.
///
/// Started when it is first needed and again after its process ended. Used by one thread at a time.
final class OwnCell {
    /// The longest sample of a calibration, in seconds.
    static let sampleLimitSeconds = 1.0

    private let launcher: CellLauncher
    private let settings: CellSettings
    private let reference: String
    private var cell: Cell?

    init(
        launcher: CellLauncher, module: JobModule, image: LibraryImage, parameters: [String: ParameterValue], limits: CellLimits,
        slot: Int = JobSeat().ownCell
    ) {
        self.launcher = launcher
        reference = "\(module.manifest.name) \(module.manifest.version)"
        settings = CellSettings(library: image, parameters: parameters, limits: limits, slot: slot)
    }

    deinit { cell?.close() }

    /// Ends the process; the next call starts another.
    func close() {
        cell?.close()
        cell = nil
    }

    /// Whether the module folds results; without that they are concatenated.
    ///
    /// - Throws: ``TalkootError`` when the cell cannot be started.
    func hasMerge() throws(TalkootError) -> Bool { try living().hasMerge }

    /// Whether the module makes the output from the folded results.
    ///
    /// - Throws: ``TalkootError`` when the cell cannot be started.
    func hasFinish() throws(TalkootError) -> Bool { try living().hasFinish }

    /// How many items the job has, as the module's `plan` says.
    ///
    /// - Throws: ``TalkootError`` `bad-data` when the module has no plan, `job-failed` with the module's words.
    func plan(inputBytes: UInt64) throws(TalkootError) -> UInt64 {
        let cell = try living()
        guard cell.hasPlan else {
            throw TalkootError(
                .badData, "\(reference) takes no input and has no plan, so nobody knows how many items there are",
                remedy: "its author must add a plan")
        }
        return try value(cell.plan(inputBytes: inputBytes), of: "plan")
    }

    /// Folds consecutive results into one.
    ///
    /// - Throws: ``TalkootError`` `job-failed` with the module's words.
    func merge(_ results: [[UInt8]]) throws(TalkootError) -> [UInt8] { try value(living().merge(results), of: "merge") }

    /// Whether two results of one unit agree, as the module's `equal` says; without one, whether their bytes are the same.
    ///
    /// - Throws: ``TalkootError`` `job-failed` with the module's words.
    func equal(_ left: [UInt8], _ right: [UInt8]) throws(TalkootError) -> Bool { try value(living().equal(left, right), of: "equal") }

    /// Makes the output.
    ///
    /// - Throws: ``TalkootError`` `job-failed` with the module's words.
    func finish(_ merged: [UInt8]) throws(TalkootError) -> [UInt8] { try value(living().finish(merged), of: "finish") }

    /// Measures samples of the module until the calibration knows enough. A sample that fails ends it: the job itself will
    /// show why. The cell is one of its own, with a short limit, so that a slow module does not hold up the submission.
    ///
    /// - Throws: ``TalkootError`` when the cell cannot be started or the input cannot be read.
    func calibrate(_ calibration: inout Calibration, items: UInt64, seed: UInt64, input: InputFile?) throws(TalkootError) {
        close()
        var limited = settings
        limited.limits.unitWallSeconds = min(settings.limits.unitWallSeconds, Self.sampleLimitSeconds)
        let sampler = try launcher.launch(limited)
        defer { sampler.close() }
        while let sample = calibration.nextSample {
            let count = sample.upperBound - sample.lowerBound
            let unit = sample.lowerBound / count
            var bytes: [UInt8]?
            if let input { bytes = try input.read(input.byteRange(ofItems: sample)) }
            let batch = UnitBatch(
                units: unit..<unit + 1, shape: JobShape(items: items, itemsPerUnit: count), seed: seed, input: bytes ?? [],
                inputEnds: bytes.map { [$0.count] } ?? [])
            let result = sampler.run(batch)
            guard result.failure == nil, result.units == batch.units else { break }
            calibration.record(seconds: result.wallSeconds, resultBytes: result.bytes.count)
        }
        calibration.stop()
    }

    /// Runs whole units until the sampling has enough; what each gave. A unit that fails ends it: the job itself will show why.
    ///
    /// - Throws: ``TalkootError`` when the cell cannot be started or the input cannot be read.
    func sample(_ sampling: inout UnitSampling, shape: JobShape, seed: UInt64, input: InputFile?) throws(TalkootError) -> [(
        known: KnownUnit, resultBytes: Int
    )] {
        var results: [(known: KnownUnit, resultBytes: Int)] = []
        guard sampling.next != nil else { return results }
        close()
        var limited = settings
        limited.limits.unitWallSeconds = min(settings.limits.unitWallSeconds, sampling.limitSeconds)
        let cell = try launcher.launch(limited)
        defer { cell.close() }
        while let unit = sampling.next {
            var bytes: [UInt8]?
            if let input { bytes = try input.read(input.byteRange(ofItems: shape.items(ofUnit: unit))) }
            let batch = UnitBatch(
                units: unit..<unit + 1, shape: shape, seed: seed, input: bytes ?? [], inputEnds: bytes.map { [$0.count] } ?? [])
            let result = cell.run(batch)
            guard result.failure == nil, result.units == batch.units else { break }
            sampling.record(unit, seconds: result.wallSeconds)
            let digest = UnitResultBytes(units: batch.units, ends: [result.bytes.count], bytes: result.bytes).digest(of: unit)
            results.append((KnownUnit(unit: unit, digest: digest), result.bytes.count))
        }
        return results
    }

    private func living() throws(TalkootError) -> Cell {
        if let cell, cell.isAlive { return cell }
        let fresh = try launcher.launch(settings)
        cell = fresh
        return fresh
    }

    private func value<Value>(_ answer: CellAnswer<Value>, of call: String) throws(TalkootError) -> Value {
        switch answer {
        case .value(let value): return value
        case .failure(let outcome):
            throw TalkootError(.jobFailed, "\(call) of \(reference) \(outcome.summary)")
        }
    }
}
