public import TalkootCore
import TalkootPackaging
import TalkootSandbox

/// One unit of a module, run here in a cell, with its result merged and finished: what `talkoot module run` does.
public struct UnitRun: Sendable {
    /// How many items the job has.
    public var items: UInt64
    /// How many units.
    public var units: UInt64
    /// What the unit's result becomes when it is the only one.
    public var output: [UInt8]
    /// What the module logged.
    public var log: String
    /// The unit's processor time, in seconds.
    public var seconds: Double
    /// What went wrong, with the callback in front; `nil` when nothing did.
    public var failure: String?

    /// Runs the unit. Blocks until it ends.
    ///
    /// - Parameters:
    ///   - subject: the module; its best library is taken.
    ///   - parameters: all of them, resolved.
    ///   - input: the job's input, when the module reads one.
    ///   - unit: which one.
    ///   - itemsPerUnit: how many items a unit has; `nil` makes one of all.
    ///   - unitSeconds: how long it may run.
    ///   - cellPath: talkoot-cell, when it is not where it usually is.
    /// - Throws: ``TalkootError`` `usage` when there is no such unit, or when no cell can be started.
    public init(
        _ subject: CheckSubject, parameters: [String: ParameterValue], input: [UInt8]?, unit: UInt64, itemsPerUnit: UInt64?,
        unitSeconds: Double, cellPath: String? = nil
    ) throws(TalkootError) {
        let library = try LibraryImage(bytes: subject.libraries[subject.libraries.count - 1].bytes)
        var trial = Trial(launcher: try CellLauncher.open(cellPath: cellPath), library: library, manifest: subject.manifest)
        trial.unitSeconds = unitSeconds
        let job = TrialJob(name: "job", parameters: parameters, input: input, kind: subject.manifest.input)
        let outcome = try trial.run(job) { items in
            Trial.Plan(itemsPerUnit: max(1, itemsPerUnit ?? items), firstUnit: unit, unitLimit: 1)
        }
        items = outcome.items
        units = items == 0 ? 0 : JobShape(items: items, itemsPerUnit: max(1, itemsPerUnit ?? items)).units
        guard unit == 0 || unit < units || outcome.failure != nil else {
            throw TalkootError(.usage, "there is no unit \(unit): the job has \(units)", remedy: "count units from 0")
        }
        (output, log, seconds, failure) = (outcome.output, outcome.log, outcome.processorSeconds, outcome.complaint)
    }
}
