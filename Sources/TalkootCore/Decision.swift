/// One decision about a job, a unit or a volunteer, kept for whoever asks later why something happened, or why nothing does.
public struct Decision: Hashable, Sendable, Codable {
    /// What was decided. Open: a new kind is a new constant, and an unknown one is shown by its message.
    public struct Code: Hashable, Sendable, RawRepresentable, Codable {
        /// The name, as `--json` shows it.
        public let rawValue: String

        /// Names a kind of decision.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The job's units were counted, its journal written.
        public static let submitted = Code(rawValue: "submitted")
        /// It waits: others go first.
        public static let queued = Code(rawValue: "queued")
        /// Work on it begins, or begins again.
        public static let started = Code(rawValue: "started")
        /// It makes room for another job for a while.
        public static let preempted = Code(rawValue: "preempted")
        /// Nobody works on it any more, and it is not over.
        public static let interrupted = Code(rawValue: "interrupted")
        /// Its output is complete.
        public static let done = Code(rawValue: "done")
        /// It cannot be finished.
        public static let failed = Code(rawValue: "failed")
        /// The requester gave it up.
        public static let cancelled = Code(rawValue: "cancelled")
        /// Its first units all failed: the others were not tried.
        public static let aborted = Code(rawValue: "aborted")
        /// It was not finished when it had to be.
        public static let deadlineMissed = Code(rawValue: "deadline-missed")
        /// The tracker cannot be reached or does not take the login.
        public static let trackerAway = Code(rawValue: "tracker-away")
        /// No volunteer is there that could work.
        public static let noVolunteers = Code(rawValue: "no-volunteers")

        /// A volunteer's slots work on the job.
        public static let volunteerReady = Code(rawValue: "volunteer-ready")
        /// It said no.
        public static let volunteerDeclined = Code(rawValue: "volunteer-declined")
        /// It broke the rules, or was banned: it gets nothing more.
        public static let volunteerExcluded = Code(rawValue: "volunteer-excluded")
        /// Its connection ended.
        public static let volunteerLost = Code(rawValue: "volunteer-lost")
        /// It is there and gets no units for now.
        public static let grantRefused = Code(rawValue: "grant-refused")

        /// A unit failed where it ran; another host tries it.
        public static let unitFailed = Code(rawValue: "unit-failed")
        /// A unit failed everywhere: it has no result.
        public static let unitGivenUp = Code(rawValue: "unit-given-up")
        /// Two volunteers differ about a unit's result.
        public static let resultMismatch = Code(rawValue: "result-mismatch")
        /// A volunteer gave a wrong result.
        public static let convicted = Code(rawValue: "convicted")
        /// Results were taken back; the units are run again.
        public static let resultsVoided = Code(rawValue: "results-voided")

        /// This volunteer refused a job.
        public static let jobRefused = Code(rawValue: "job-refused")
        /// This volunteer takes part in a job.
        public static let jobTaken = Code(rawValue: "job-taken")
        /// A coordinator ended this volunteer's part in a job.
        public static let jobEnded = Code(rawValue: "job-ended")
        /// The owner paused this volunteer.
        public static let paused = Code(rawValue: "paused")
        /// The owner lets it work again.
        public static let resumed = Code(rawValue: "resumed")
    }

    /// When, in seconds since 1970 (UTC).
    public var time: Int64
    /// What was decided.
    public var code: Code
    /// The job it is about.
    public var job: JobID?
    /// The first of the units it is about.
    public var firstUnit: UInt64?
    /// The last of them.
    public var lastUnit: UInt64?
    /// The volunteer it is about: an account's name or an address.
    public var volunteer: String?
    /// What and why, a phrase without a final full stop.
    public var message: String
    /// What to do about it; empty when there is nothing to do.
    public var remedy: String

    /// The longest message, remedy and name, in bytes: strangers' words are in them.
    public static let textBytes = 1 << 10

    /// A decision; texts are cut to ``textBytes``.
    public init(
        _ code: Code, at time: Int64, job: JobID? = nil, units: Range<UInt64>? = nil, volunteer: String? = nil, _ message: String,
        remedy: String = ""
    ) {
        (self.time, self.code, self.job) = (time, code, job)
        if let units, let last = units.last { (firstUnit, lastUnit) = (units.lowerBound, last) }
        self.volunteer = volunteer.map(Self.cut)
        (self.message, self.remedy) = (Self.cut(message), Self.cut(remedy))
    }

    /// The units it is about.
    public var units: ClosedRange<UInt64>? {
        guard let firstUnit, let lastUnit, firstUnit <= lastUnit else { return nil }
        return firstUnit...lastUnit
    }

    /// Whether two decisions say the same, at whatever time.
    public func repeats(_ other: Decision) -> Bool {
        var copy = other
        copy.time = time
        return copy == self
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count <= textBytes ? text : String(decoding: Array(text.utf8.prefix(textBytes)), as: UTF8.self)
    }
}
