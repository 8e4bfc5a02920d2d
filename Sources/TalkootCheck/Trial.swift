import TalkootCore
import TalkootSandbox

/// Runs a whole job in cells of its own: the units in one, plan, merge and finish in another, as requester and volunteer would.
struct Trial {
    /// How the units of a job are run.
    struct Plan {
        var itemsPerUnit: UInt64
        var isReversed = false
        var seed: UInt64 = 1
        /// The first unit that is run.
        var firstUnit: UInt64 = 0
        /// Runs no more than so many units.
        var unitLimit: UInt64 = .max
    }

    /// What came of it.
    struct Outcome {
        var items: UInt64 = 0
        /// The results of the units, in their order.
        var results: [[UInt8]] = []
        var output: [UInt8] = []
        /// What went wrong, and in which callback.
        var failure: (outcome: UnitOutcome, callback: String)?
        var log = ""
        var processorSeconds = 0.0

        /// The failure in words.
        var complaint: String? { failure.map { "\($0.callback) \($0.outcome.summary)" } }

        /// Whether units, output and end are the same.
        func isSame(as other: Outcome) -> Bool {
            guard results == other.results, output == other.output else { return false }
            switch (failure, other.failure) {
            case (nil, nil): return true
            case (let left?, let right?): return left.callback == right.callback && left.outcome.isSame(as: right.outcome)
            default: return false
            }
        }
    }

    let launcher: CellLauncher
    let library: LibraryImage
    let manifest: Manifest
    /// How long one unit may run, in seconds.
    var unitSeconds = CheckLimits.unitSeconds

    private func settings(_ job: TrialJob, isolation: Isolation, slot: Int) -> CellSettings {
        let limits = CellLimits(
            memoryBytes: manifest.resources.memoryBytes, unitWallSeconds: unitSeconds, unitProcessorSeconds: unitSeconds,
            threads: manifest.resources.threads)
        return CellSettings(library: library, parameters: job.parameters, limits: limits, isolation: isolation, slot: slot)
    }

    /// A cell for plan, merge and finish.
    func owner(_ job: TrialJob) throws(TalkootError) -> Cell { try launcher.launch(settings(job, isolation: .job, slot: 1)) }

    /// A cell for units.
    func worker(_ job: TrialJob) throws(TalkootError) -> Cell { try launcher.launch(settings(job, isolation: manifest.isolation, slot: 0)) }

    /// How many items the job has.
    func items(_ job: TrialJob, in cell: Cell) -> CellAnswer<UInt64> {
        if job.input != nil { return .value(UInt64(job.itemEnds.count)) }
        return cell.plan(inputBytes: 0)
    }

    /// Runs the job.
    ///
    /// - Throws: ``TalkootError`` when no cell can be started; what the module does wrong is part of the outcome.
    func run(_ job: TrialJob, _ plan: (UInt64) -> Plan) throws(TalkootError) -> Outcome {
        var outcome = Outcome()
        let owner = try owner(job)
        defer { owner.close() }
        switch items(job, in: owner) {
        case .value(let items): outcome.items = items
        case .failure(let failure):
            outcome.failure = (failure, "plan")
            return outcome
        }
        try runUnits(job, plan(outcome.items), &outcome)
        guard outcome.failure == nil else { return outcome }
        end(outcome.results, in: owner, &outcome)
        outcome.log += owner.takeLog()
        return outcome
    }

    /// Merges and finishes results.
    func end(_ results: [[UInt8]], in owner: Cell, _ outcome: inout Outcome) {
        let merged: [UInt8]
        switch owner.merge(results) {
        case .value(let bytes): merged = bytes
        case .failure(let failure): return outcome.failure = (failure, "merge")
        }
        switch owner.finish(merged) {
        case .value(let bytes): outcome.output = bytes
        case .failure(let failure): outcome.failure = (failure, "finish")
        }
    }

    private func runUnits(_ job: TrialJob, _ plan: Plan, _ outcome: inout Outcome) throws(TalkootError) {
        let shape = JobShape(items: outcome.items, itemsPerUnit: plan.itemsPerUnit)
        guard shape.units > plan.firstUnit else { return }
        let units = min(shape.units - plan.firstUnit, plan.unitLimit)
        let cell = try worker(job)
        defer { cell.close() }
        var results = [[UInt8]](repeating: [], count: Int(units))
        for index in 0..<units {
            let place = plan.isReversed ? units - 1 - index : index
            let unit = plan.firstUnit + place
            let input = job.bytes(ofItems: job.input == nil ? 0..<0 : shape.items(ofUnit: unit))
            let result = cell.run(
                UnitBatch(
                    units: unit..<unit + 1, shape: shape, seed: plan.seed, input: input, inputEnds: job.input == nil ? [] : [input.count]))
            outcome.processorSeconds += result.processorSeconds
            if let failure = result.failure {
                outcome.failure = (failure.outcome, "unit \(unit)")
                break
            }
            results[Int(place)] = result.bytes
        }
        outcome.results = results
        outcome.log += cell.takeLog()
    }
}
