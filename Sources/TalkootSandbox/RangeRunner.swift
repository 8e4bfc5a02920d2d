import CTalkootSystem
public import TalkootCore

/// Runs ranges of units on the calling thread, in a cell that it keeps, replaces after a death, and renews when it is worn out.
///
/// One thread at a time uses it.
public final class RangeRunner {
    /// After this time, in seconds, what is finished is handed over, if nothing else is said.
    public static let handOverSeconds = 0.1
    /// After this many bytes, likewise.
    static let handOverBytes = 1 << 20
    /// The most input of a batch, in bytes, unless one unit has more.
    static let inputBytes = 4 << 20
    /// A batch grows at most this much over the last one.
    static let growth = 8
    /// How many launches in a row may fail by the module's fault.
    static let launchFailureLimit = 3

    /// Ends what this runner runs, from any thread.
    public let interruption = Interruption()
    /// How far this runner is, for any thread.
    public let progress = RangeProgress()

    private let launcher: CellLauncher
    private let settings: CellSettings
    private let shape: JobShape
    private let seed: UInt64
    private let handOverSeconds: Double
    private let capsules: CapsuleLabel?
    private var cell: Cell?
    private var launchFailures = 0
    /// What the next unit left behind when it was stopped.
    private var checkpoint: (unit: UInt64, bytes: [UInt8])?
    private var sizing: BatchSizing

    /// Prepares to run units of one job; the first cell is started with the first range. What is finished is handed over after
    /// `handOverSeconds`: often for those who wait for it elsewhere, seldom where each time costs a write to the disk. With a label each
    /// unit that fails leaves a capsule behind, before it is handed over.
    public init(
        launcher: CellLauncher, settings: CellSettings, shape: JobShape, seed: UInt64, handOverSeconds: Double = handOverSeconds,
        capsules: CapsuleLabel? = nil
    ) {
        self.handOverSeconds = handOverSeconds
        // Between two batches the cell waits for this thread, milliseconds on a busy machine; units are told to stop one by one anyway.
        sizing = BatchSizing(batchSeconds: handOverSeconds / 2)
        self.launcher = launcher
        self.settings = settings
        self.shape = shape
        self.seed = seed
        self.capsules = capsules
    }

    deinit { close() }

    /// Gives the cell up. The next range starts another one.
    public func close() {
        interruption.forget()
        cell?.close()
        cell = nil
    }

    /// What the next unit left behind when it was stopped, for whoever runs it; nil when it left nothing.
    public var leftover: (unit: UInt64, bytes: [UInt8])? { checkpoint }

    /// A unit is to go on from what an earlier run of it left behind, here or elsewhere; without, it begins anew.
    public func adopt(_ leftover: (unit: UInt64, bytes: [UInt8])?) { checkpoint = leftover }

    /// Log text of the module since the last call; empty when there is no cell.
    public func takeLog() -> String { cell?.takeLog() ?? "" }

    /// Runs units in order, and hands over what is finished about every `handOverSeconds`, every 1 MiB, and at the end; long units at once.
    ///
    /// A unit that fails is handed over with its outcome, after all units before it, and the run goes on with the next one.
    ///
    /// - Parameters:
    ///   - units: The units, inside the job's shape.
    ///   - stop: Units at or after it are not started.
    ///   - input: Gives the bytes of a run of units and where each one's end; nil when the job has no input. May block.
    ///   - finished: Takes what is finished; false ends the run.
    /// - Throws: ``TalkootError`` of `input`, or when no cell can be started: by the machine's fault at once, by the module's
    ///   after three units in a row failed with it.
    public func run(
        _ units: Range<UInt64>, stop: StopLine, input: ((Range<UInt64>) throws(TalkootError) -> (bytes: [UInt8], ends: [Int]))?,
        finished: (FinishedRun) -> Bool
    ) throws(TalkootError) {
        var collector = RunCollector(first: units.lowerBound, handOverSeconds: handOverSeconds)
        var supply = InputSupply(source: input)
        defer { progress.end() }
        while collector.next < units.upperBound, collector.next < stop.unit {
            let next = collector.next
            guard let cell = try aliveCell(failing: next, &collector, finished) else {
                if collector.isEnded { return }
                continue
            }
            let wanted = next..<min(units.upperBound, next + UInt64(sizing.count))
            let batch = try batch(wanted, stop: stop, supply: &supply)
            progress.begin(batch.units, in: cell)
            let result = cell.run(batch)
            try interruption.check()
            let log = result.failure == nil ? "" : cell.takeLog()
            learn(result, of: cell)
            collector.add(result)
            if let failure = result.failure {
                if shouldRetry(failure.outcome, on: cell) { continue }
                keepCapsule(of: failure.unit, outcome: failure.outcome, batch: batch, log: log)
                guard collector.handOver(to: finished), collector.handOver(failure: failure.outcome, of: result, log: log, to: finished)
                else {
                    return
                }
                continue
            }
            if result.units.isEmpty { break }
            if collector.isDue, !collector.handOver(to: finished) { return }
        }
        _ = collector.handOver(to: finished)
    }

    private func batch(_ wanted: Range<UInt64>, stop: StopLine, supply: inout InputSupply) throws(TalkootError) -> UnitBatch {
        let part = try supply.part(for: wanted)
        let kept = checkpoint.flatMap { $0.unit == wanted.lowerBound ? $0.bytes : nil }
        return UnitBatch(
            units: part.units, shape: shape, seed: seed, input: part.bytes, inputEnds: part.ends, inputStart: part.start, stopBefore: stop,
            budgetSeconds: sizing.batchSeconds, checkpoint: kept ?? [], attempt: kept == nil ? 0 : 1)
    }

    private func learn(_ result: BatchResult, of cell: Cell) {
        sizing.learn(units: result.units.count, seconds: result.wallSeconds)
        checkpoint = result.checkpoint
        if !cell.isAlive || cell.isWornOut { close() }
    }

    /// Memory that ran out in a cell which ran other units before says nothing about this one: it gets a fresh cell, once.
    private func shouldRetry(_ outcome: UnitOutcome, on cell: Cell) -> Bool {
        guard case .memory = outcome, cell.unitsRun > 0, cell.isolation == .job else { return false }
        close()
        return true
    }

    /// The cell, or a new one. Nil when the module's fault kept it from starting: then the unit has failed.
    private func aliveCell(
        failing unit: UInt64, _ collector: inout RunCollector, _ finished: (FinishedRun) -> Bool
    ) throws(TalkootError) -> Cell? {
        if let cell { return cell }
        do throws(LaunchFault) {
            let started = try launcher.start(settings)
            launchFailures = 0
            cell = started
            interruption.watch(started)
            return started
        } catch {
            guard case .module(let outcome) = error else { throw error.talkootError }
            launchFailures += 1
            guard launchFailures <= Self.launchFailureLimit else { throw error.talkootError }
            let nothing = BatchResult(
                units: unit..<unit, resultEnds: [], bytes: [], failure: (unit, outcome), processorSeconds: 0, wallSeconds: 0)
            keepCapsule(of: unit, outcome: outcome, batch: nil, log: "")
            if collector.handOver(to: finished) { _ = collector.handOver(failure: outcome, of: nothing, log: "", to: finished) }
            return nil
        }
    }
    /// What is left of a failed unit for who wants to look into it; without a batch the cell did not even start.
    private func keepCapsule(of unit: UInt64, outcome: UnitOutcome, batch: UnitBatch?, log: String) {
        guard let capsules else { return }
        var capsule = capsules.capsule(
            unit: unit, shape: shape, seed: seed, parameters: settings.parameters, limits: settings.limits, verdict: outcome,
            launcher: launcher)
        capsule.log = Array(log.utf8)
        if let batch {
            let number = Int(unit - batch.units.lowerBound)
            if number == 0 { (capsule.checkpoint, capsule.attempt) = (batch.checkpoint, batch.attempt) }
            if batch.inputEnds.indices.contains(number) {
                let start = number == 0 ? batch.inputStart : batch.inputEnds[number - 1]
                capsule.input = Capsule.kept(batch.input[start..<batch.inputEnds[number]])
            }
        }
        capsules.store.keep(capsule)
    }
}
