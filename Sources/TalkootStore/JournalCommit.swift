public import TalkootCore

/// A finished run of units: one row of a journal.
public struct JournalCommit: Hashable, Sendable {
    /// The units, at least one.
    public var units: Range<UInt64>
    /// Where each unit's result ends in ``bytes``: one offset a unit, never falling, the last one the size of ``bytes``.
    /// Empty when the unit failed.
    public var resultEnds: [Int]
    /// The results, one behind the other.
    public var bytes: [UInt8]
    /// How a unit that was given up ended; then it is the only unit and there are no bytes. `nil` when all units are done.
    public var failure: UnitOutcome?
    /// Who ran it: an account and slot, or `local`; at most ``maximumVolunteerBytes``.
    public var volunteer: String
    /// What it cost, in microseconds of processor time.
    public var processorMicroseconds: UInt64

    /// The longest name of a volunteer, in bytes of UTF-8.
    public static let maximumVolunteerBytes = 256

    /// The largest row, in bytes of results: half of what SQLite takes (10^9), so that there is room for the other columns.
    public static let maximumBytes = 512 << 20

    /// A run of units with their results, or one unit and its failure.
    public init(
        units: Range<UInt64>, resultEnds: [Int], bytes: [UInt8], failure: UnitOutcome? = nil, volunteer: String,
        processorMicroseconds: UInt64 = 0
    ) {
        self.units = units
        self.resultEnds = resultEnds
        self.bytes = bytes
        self.failure = failure
        self.volunteer = volunteer
        self.processorMicroseconds = processorMicroseconds
    }

    /// Which rule the commit breaks, for a job of `units` units; `nil` when it is sound. Costs a pass over ``resultEnds``.
    public func fault(jobUnits: UInt64) -> String? {
        if units.isEmpty { return "it has no unit" }
        if units.upperBound > jobUnits { return "it ends at unit \(units.upperBound) and the job has \(jobUnits)" }
        if volunteer.utf8.count > Self.maximumVolunteerBytes {
            return "its volunteer's name is longer than \(Self.maximumVolunteerBytes) bytes"
        }
        if let failure {
            if failure.isDone { return "its failure says done" }
            return units.count == 1 && bytes.isEmpty && resultEnds.isEmpty ? nil : "a failure is one unit without a result"
        }
        if bytes.count > Self.maximumBytes { return "its results are larger than \(NumberText.size(UInt64(Self.maximumBytes)))" }
        if resultEnds.count != units.count { return "it has \(units.count) units and \(resultEnds.count) results" }
        var previous = 0
        for end in resultEnds {
            if end < previous { return "its results overlap" }
            previous = end
        }
        return previous == bytes.count ? nil : "its results end at byte \(previous) of \(bytes.count)"
    }

    /// The part of the commit that covers `part`, which must lie inside ``units``; its cost is shared by the number of units.
    public func trimmed(to part: Range<UInt64>) -> JournalCommit {
        guard part != units else { return self }
        precondition(!part.isEmpty && units.contains(part.lowerBound) && part.upperBound <= units.upperBound, "the part lies inside")
        let from = Int(part.lowerBound - units.lowerBound)
        let to = Int(part.upperBound - units.lowerBound)
        let start = from == 0 ? 0 : resultEnds[from - 1]
        let cost = Double(processorMicroseconds) * Double(part.count) / Double(units.count)
        return JournalCommit(
            units: part, resultEnds: resultEnds[from..<to].map { $0 - start }, bytes: Array(bytes[start..<resultEnds[to - 1]]),
            volunteer: volunteer, processorMicroseconds: UInt64(cost))
    }
}
