public import TalkootCore
public import TalkootSandbox
import TalkootStore

/// An output made of the results that a job has so far, also while another process works on it.
public struct PartialResult: Hashable, Sendable {
    /// How many units are in it.
    public var units: UInt64
    /// How many the job has.
    public var unitsInAll: UInt64
    /// Whether it has only the units before the first gap: the module can make nothing of what lies behind.
    public var isPrefix: Bool
    /// Its size, in bytes.
    public var byteCount: UInt64
    /// Whether some of its units may still turn out wrong.
    public var isProvisional: Bool

    /// Merges what is durable in a cell of this machine and writes it to `path`, which appears whole or not at all. Blocks; costs a pass
    /// over the results. Results that are not verified yet are in it.
    ///
    /// Units without a result are left out when the module folds results; when it does not, or makes no output of that, those
    /// before the first gap are taken alone.
    /// - Throws: ``TalkootError`` `not-found` when there is no job, `try-later` when it has no result yet, `job-failed` when the module
    ///   makes no output of the part, `refused` when the module is another one, `cannot-create` or `input-output` for the file.
    public static func make(
        directory: String, module: JobModule, launcher: CellLauncher, to path: String
    ) throws(TalkootError) -> PartialResult {
        let journal = try JobJournal.open(directory: directory, access: .readOnly)
        let record = try journal.record()
        guard record.module.digest == module.digest else {
            throw TalkootError(
                .refused, "job \(record.id) runs another \(record.module.name) than this one", remedy: "get the right module")
        }
        let image = try LibraryImage(bytes: module.library)
        let attempt = { (isPrefix: Bool) throws(TalkootError) in
            let cell = OwnCell(
                launcher: launcher, module: module, image: image, parameters: record.parameters, limits: record.limits,
                slot: JobSeat.aside.ownCell)
            defer { cell.close() }
            let destination = OutputDestination(path: path, directory: directory)
            let hasMerge = try cell.hasMerge()
            let isPrefix = isPrefix || !hasMerge
            var collector = try ResultCollector(cell: cell, destination: destination)
            let units = try add(journal, to: &collector, isPrefix: isPrefix)
            guard units > 0 else {
                throw TalkootError(.tryLater, "job \(record.id) has no result yet", remedy: "try again when it has")
            }
            guard case .file(_, let byteCount) = try collector.finish() else {
                throw TalkootError(.internalError, "the partial output is in no file")
            }
            return PartialResult(
                units: units, unitsInAll: record.shape.units, isPrefix: isPrefix, byteCount: byteCount,
                isProvisional: record.verification != nil && record.state != .done)
        }
        do throws(TalkootError) {
            return try attempt(false)
        } catch {
            guard error.code == .jobFailed else { throw error }
            return try attempt(true)
        }
    }

    /// Adds results in the order of their units; how many units there were.
    private static func add(_ journal: JobJournal, to collector: inout ResultCollector, isPrefix: Bool) throws(TalkootError) -> UInt64 {
        var (next, added): (UInt64, UInt64) = (0, 0)
        while true {
            let commits = try journal.results(from: next)
            guard let last = commits.last else { return added }
            for commit in commits {
                if isPrefix, commit.failure != nil || commit.units.lowerBound != next { return added }
                next = commit.units.upperBound
                guard commit.failure == nil else { continue }
                var from = 0
                for end in commit.resultEnds {
                    try collector.add(commit.bytes[from..<end])
                    from = end
                }
                added += UInt64(commit.units.count)
            }
            next = last.units.upperBound
        }
    }
}
