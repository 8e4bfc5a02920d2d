public import TalkootCore

/// What a requester asked for and how far it is: the one row about the job itself in its journal.
public struct JobRecord: Hashable, Sendable, Codable {
    /// The module that the job runs.
    public struct Module: Hashable, Sendable, Codable {
        /// Its identity: the SHA-256 of its manifest.
        public var digest: Digest
        /// Its name.
        public var name: String
        /// Its version.
        public var version: SemanticVersion

        /// Names a module.
        public init(digest: Digest, name: String, version: SemanticVersion) {
            self.digest = digest
            self.name = name
            self.version = version
        }
    }

    /// Where the units run.
    public enum Mode: Hashable, Sendable, Codable {
        /// In cells of the requester's own machine, so many at once.
        case local(slots: Int)
        /// On volunteers that a tracker knows; `endpoint` as in `HOST[:PORT][#PEER-ID]`.
        case tracker(endpoint: String)
    }

    /// On which terms it was submitted.
    public struct Terms: Hashable, Sendable, Codable {
        /// Jobs of one requester with a higher one go first; 0 unless told otherwise.
        public var priority: Int
        /// When it must be finished, in seconds since 1970 (UTC); absent for never.
        public var deadline: Int64?
        /// Whether a `talkoot coordinator` works on it rather than the process that submitted it.
        public var isDetached: Bool
        /// The peer id of who submitted it to a coordinator of another; empty for the owner of this installation.
        public var submitter: String
        /// The most volunteers at once; absent for the coordinator's own number.
        public var volunteers: Int?

        /// The range of priorities.
        public static let priorities = -100...100

        /// Terms of a submission.
        public init(
            priority: Int = 0, deadline: Int64? = nil, isDetached: Bool = false, submitter: String = "", volunteers: Int? = nil
        ) {
            (self.priority, self.deadline, self.isDetached) = (priority, deadline, isDetached)
            (self.submitter, self.volunteers) = (submitter, volunteers)
        }
    }

    /// The job's name.
    public var id: JobID
    /// When it was submitted, in seconds since 1970 (UTC).
    public var created: Int64
    /// The requester's account name, or empty.
    public var requester: String
    /// The module.
    public var module: Module
    /// The parameters, defaults applied.
    public var parameters: [String: ParameterValue]
    /// How the items are cut into units. It can change only while nothing is committed.
    public var shape: JobShape
    /// The seed from which each unit's seed is made.
    public var seed: UInt64
    /// The path of the input; absent when the module takes none.
    public var inputPath: String?
    /// The size of the input, in bytes; 0 when there is none.
    public var inputBytes: UInt64
    /// When the input was last changed, in nanoseconds since 1970: a resumed job needs the same input.
    public var inputModified: Int64?
    /// Where the output goes; absent for standard output.
    public var outputPath: String?
    /// The size of the output, in bytes, once it is complete.
    public var outputBytes: UInt64?
    /// Where the units run.
    public var mode: Mode
    /// Limits of a cell.
    public var limits: CellLimits
    /// The least confinement level the requester accepts.
    public var minimumLevel: ConfinementLevel
    /// What a unit is worth in receipts, in micro-credits, as measured on the requester's own machine; absent where nothing was measured.
    public var unitMicrocredits: UInt64?
    /// How its results are verified, and what came of it; absent when they are believed.
    public var verification: JobVerification?
    /// On which terms it was submitted; absent in journals that are older than terms.
    public var terms: Terms?
    /// Where the job stands.
    public var state: JobState
    /// When it reached a final state, in seconds since 1970 (UTC).
    public var finished: Int64?

    /// Describes a job that has just been submitted.
    public init(
        id: JobID, created: Int64, requester: String = "", module: Module, parameters: [String: ParameterValue], shape: JobShape,
        seed: UInt64, inputPath: String? = nil, inputBytes: UInt64 = 0, outputPath: String? = nil, mode: Mode,
        limits: CellLimits = CellLimits(), minimumLevel: ConfinementLevel = .full, verification: JobVerification? = nil
    ) {
        self.verification = verification
        self.id = id
        self.created = created
        self.requester = requester
        self.module = module
        self.parameters = parameters
        self.shape = shape
        self.seed = seed
        self.inputPath = inputPath
        self.inputBytes = inputBytes
        self.outputPath = outputPath
        self.mode = mode
        self.limits = limits
        self.minimumLevel = minimumLevel
        state = .running
    }
}
