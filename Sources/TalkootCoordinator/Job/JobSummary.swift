public import TalkootCore
public import TalkootStore

/// Where a job's output is.
public enum JobOutput: Hashable, Sendable {
    /// In this file, complete and synced; with its size in bytes.
    case file(path: String, byteCount: UInt64)
    /// Here: the specification named no path and the output is no larger than ``Coordinator/outputInMemoryBytes``.
    case bytes([UInt8])
}

/// A finished job.
public struct JobSummary: Hashable, Sendable {
    /// The job.
    public var id: JobID
    /// Its output.
    public var output: JobOutput
    /// How many units it had.
    public var units: UInt64
    /// How many items.
    public var items: UInt64
    /// How many volunteers' or local slots' results it is made of.
    public var contributors: Int
    /// The time from ``Coordinator/run()`` to the output, in seconds.
    public var seconds: Double
    /// The processor time of all units, in seconds, as those who ran them say.
    public var processorSeconds: Double
    /// How its results were verified and what came of it; nil when they were believed.
    public var verification: JobVerification?
    /// What was sent to volunteers of the module's package, in bytes.
    public var sentPackageBytes: UInt64 = 0
    /// What was sent to volunteers of the input, in bytes.
    public var sentInputBytes: UInt64 = 0
}

/// How a job stands, for a progress bar. Cheap enough to ask for ten times a second.
public struct CoordinatorProgress: Hashable, Sendable {
    /// How many units the job has.
    public var units: UInt64
    /// How many of them have durable results.
    public var unitsDone: UInt64
    /// How many units are merged into the output so far.
    public var unitsMerged: UInt64
    /// Slots that are present, local and remote.
    public var slots: Int
    /// Volunteers whose slots are present; local slots are none.
    public var volunteers: Int
    /// Units per second, of the slots that work; 0 while unknown.
    public var rate: Double
    /// The seconds that the rest will take; `nil` while unknown.
    public var eta: Double?
    /// How many units failed for good since this process works on the job.
    public var unitsFailed: UInt64
}

/// One volunteer, as its coordinator sees it.
public struct VolunteerStatus: Hashable, Sendable {
    /// What the volunteer is doing.
    public enum Phase: Hashable, Sendable {
        /// It is being dialled.
        case connecting
        /// It was asked, and thinks or fetches the module.
        case asked
        /// It works, with so many slots.
        case working(slots: Int)
        /// It said no; it is not asked again.
        case declined(reason: String)
        /// It broke the rules; it is not asked again.
        case expelled(reason: String)
        /// It is gone or cannot be reached, and dialled again in a while.
        case lost(reason: String)
    }

    /// Its account name or address.
    public var name: String
    /// Where it is.
    public var address: String
    /// What it is doing.
    public var phase: Phase
    /// Units it has finished.
    public var units: UInt64

    /// Whether it may still take part.
    public var isHopeful: Bool {
        switch phase {
        case .declined, .expelled: false
        default: true
        }
    }
}
