public import TalkootCore
public import TalkootProtocol

/// What a volunteer does at a moment: for `talkoot volunteer status` and for the owner's eyes.
public struct VolunteerSnapshot: Sendable {
    /// A job that runs here or is about to.
    public struct Job: Sendable {
        /// The job.
        public var id: JobID
        /// What it asks, in words.
        public var summary: JobRequestSummary
        /// Where its coordinator's connection comes from; the tracker's address when it is relayed.
        public var address: String
        /// How that connection came about.
        public var way: Way
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
        /// Whether requesters can dial this machine, when the tracker has tried.
        public var reach: Reach?
    }

    /// Whether this machine's port can be dialled from outside.
    public struct Reach: Sendable, CustomStringConvertible {
        /// It can.
        public var isDirect: Bool
        /// This machine's address as the tracker sees it.
        public var address: String
        /// The port it listens on.
        public var port: Int
        /// Why it cannot.
        public var reason: String

        /// What was found and, when requesters cannot dial this machine, what would change that.
        public var description: String {
            let place = address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
            if isDirect { return "requesters can dial this machine at \(place)" }
            return """
                requesters cannot dial this machine at \(place) (\(reason)) and come through the tracker, which is slower; to be \
                dialled, let TCP port \(port) in (sudo ufw allow \(port)/tcp) and forward it on your router to this machine, with \
                --listen 0.0.0.0:\(port) so that it stays the same
                """
        }
    }

    /// How it stands with a tracker.
    public enum Standing: Sendable, CustomStringConvertible {
        /// It is being dialled.
        case connecting
        /// The volunteer is listed there.
        case listed
        /// It cannot be reached, or refused the login; dialled again after a pause.
        case away(TalkootError)
        /// The volunteer has logged out.
        case closed

        /// In words.
        public var description: String {
            switch self {
            case .connecting: "connecting"
            case .listed: "listed"
            case .away(let error): "away: \(error)"
            case .closed: "logged out"
            }
        }
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
