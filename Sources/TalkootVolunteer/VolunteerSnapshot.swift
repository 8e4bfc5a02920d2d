public import TalkootCore

/// What a volunteer does at a moment: for `talkoot volunteer status` and for the owner's eyes.
public struct VolunteerSnapshot: Sendable {
    /// A job that runs here or is about to.
    public struct Job: Sendable {
        /// The job.
        public var id: JobID
        /// What it asks, in words.
        public var summary: JobRequestSummary
        /// Where its coordinator's connection comes from.
        public var address: String
        /// The coordinator's key, when it has one.
        public var peer: PeerID?
        /// Cells that run for it now.
        public var busySlots: Int
        /// Units whose results were sent.
        public var unitsDone: UInt64
        /// Units that failed in the module.
        public var unitsFailed: UInt64
        /// `preparing` or `working`.
        public var state: String
    }

    /// A request that was answered "no".
    public struct Refusal: Sendable {
        /// What was asked, in words.
        public var request: String
        /// Who asked.
        public var address: String
        /// Why not.
        public var reason: TalkootError
        /// How long ago, in seconds.
        public var secondsAgo: Double
    }

    /// A tracker that this volunteer logs in to.
    public struct Tracker: Sendable {
        /// The tracker.
        public var endpoint: String
        /// How it stands.
        public var standing: Standing
    }

    /// How it stands with a tracker.
    public enum Standing: Sendable {
        /// It is being dialled.
        case connecting
        /// The volunteer is listed there.
        case listed
        /// It cannot be reached, or refused the login; dialled again after a pause.
        case away(TalkootError)
        /// The volunteer has logged out.
        case closed
    }

    /// `active`, `busy` (no room for another job) or `offline` (stopping).
    public var status: String
    /// Whether its owner has paused it.
    public var isPaused: Bool
    /// The port that is listened on; 0 before the start.
    public var port: Int
    /// Cells that may run at once.
    public var slots: Int
    /// Cells that run now.
    public var busySlots: Int
    /// The confinement level.
    public var level: ConfinementLevel
    /// The jobs, by seat.
    public var jobs: [Job]
    /// The newest refusals, oldest first.
    public var refusals: [Refusal]
    /// The trackers, in the order of the configuration.
    public var trackers: [Tracker]
}
