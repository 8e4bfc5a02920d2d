public import TalkootCore

extension Message {
    /// A requester asks a volunteer to take part in a job, in words for a person and in figures for its agent.
    ///
    /// The original message has only `title`, `info` and `modname`; a volunteer answers such a request with `no`, since there
    /// is no job to run.
    public struct WorkRequest: Hashable, Sendable {
        /// A line for a person.
        public var title: String
        /// More words for a person.
        public var info: String
        /// The module's name.
        public var moduleName: String
        /// The job; absent in an original message.
        public var job: JobDescription?

        /// A request.
        public init(title: String, info: String, moduleName: String, job: JobDescription? = nil) {
            self.title = title
            self.info = info
            self.moduleName = moduleName
            self.job = job
        }
    }

    /// All that a volunteer needs to know of a job before its first lease.
    public struct JobDescription: Hashable, Sendable {
        /// The job.
        public var id: JobID
        /// The requester's account name, or empty.
        public var requester: String
        /// The module's identity: the SHA-256 of its manifest.
        public var module: Digest
        /// The size of the module's package, in bytes.
        public var packageBytes: UInt64
        /// The parameters, defaults applied.
        public var parameters: [String: ParameterValue]
        /// How the items are cut into units.
        public var shape: JobShape
        /// The seed from which each unit's seed is made.
        public var seed: UInt64
        /// The size of the input, in bytes; 0 when there is none.
        public var inputBytes: UInt64
        /// Limits of a cell.
        public var limits: CellLimits
        /// The least confinement level the requester accepts.
        public var minimumLevel: ConfinementLevel
        /// How its volunteers share package and input; absent when each has both from the requester alone.
        public var swarm: SwarmTerms?

        /// Describes a job.
        public init(
            id: JobID, requester: String, module: Digest, packageBytes: UInt64, parameters: [String: ParameterValue],
            shape: JobShape, seed: UInt64, inputBytes: UInt64, limits: CellLimits, minimumLevel: ConfinementLevel
        ) {
            self.id = id
            self.requester = requester
            self.module = module
            self.packageBytes = packageBytes
            self.parameters = parameters
            self.shape = shape
            self.seed = seed
            self.inputBytes = inputBytes
            self.limits = limits
            self.minimumLevel = minimumLevel
        }
    }

    /// The volunteer's answer.
    public struct WorkResponse: Hashable, Sendable {
        /// `yes` or `no`.
        public var reply: String
        /// Why not.
        public var reason: String?
        /// The job it answers; absent in an original message.
        public var job: JobID?

        /// An answer.
        public init(reply: String, reason: String? = nil, job: JobID? = nil) {
            self.reply = reply
            self.reason = reason
            self.job = job
        }
    }

    /// The volunteer holds the module and offers slots `0 ..< slots` for this job.
    public struct Ready: Hashable, Sendable {
        /// The job.
        public var job: JobID
        /// How many cells it runs for the job, at least 1.
        public var slots: Int
        /// Its confinement level.
        public var level: ConfinementLevel

        /// An offer.
        public init(job: JobID, slots: Int, level: ConfinementLevel) {
            self.job = job
            self.slots = slots
            self.level = level
        }
    }

    /// A lease: a run of units for one slot.
    public struct Grant: Hashable, Sendable {
        /// The job.
        public var job: JobID
        /// The lease's number, unique within the connection and job.
        public var lease: UInt64
        /// The slot it is for.
        public var slot: Int
        /// The units.
        public var units: Range<UInt64>
        /// The bytes of the input that hold the units' items; empty without input.
        public var input: Range<UInt64>

        /// A lease.
        public init(job: JobID, lease: UInt64, slot: Int, units: Range<UInt64>, input: Range<UInt64> = 0..<0) {
            self.job = job
            self.lease = lease
            self.slot = slot
            self.units = units
            self.input = input
        }
    }

    /// The heartbeat of a lease.
    public struct Progress: Hashable, Sendable {
        /// The job.
        public var job: JobID
        /// The lease.
        public var lease: UInt64
        /// The first unit that is not finished.
        public var next: UInt64

        /// A heartbeat.
        public init(job: JobID, lease: UInt64, next: UInt64) {
            self.job = job
            self.lease = lease
            self.next = next
        }
    }

    /// A commit is durable: the volunteer may forget its results.
    public struct Acknowledgement: Hashable, Sendable {
        /// The job.
        public var job: JobID
        /// The lease.
        public var lease: UInt64
        /// The units.
        public var units: Range<UInt64>

        /// An acknowledgement.
        public init(job: JobID, lease: UInt64, units: Range<UInt64>) {
            self.job = job
            self.lease = lease
            self.units = units
        }
    }

    /// The volunteer gives back the units of a lease from `from` on.
    public struct Release: Hashable, Sendable {
        /// The job.
        public var job: JobID
        /// The lease.
        public var lease: UInt64
        /// The first unit given back.
        public var from: UInt64
        /// Why, for a person.
        public var reason: String

        /// A release.
        public init(job: JobID, lease: UInt64, from: UInt64, reason: String) {
            self.job = job
            self.lease = lease
            self.from = from
            self.reason = reason
        }
    }

    /// The coordinator takes back the units of a lease from `from` on; units already started may still be committed.
    public struct Revocation: Hashable, Sendable {
        /// The job.
        public var job: JobID
        /// The lease.
        public var lease: UInt64
        /// The first unit taken back.
        public var from: UInt64

        /// A revocation.
        public init(job: JobID, lease: UInt64, from: UInt64) {
            self.job = job
            self.lease = lease
            self.from = from
        }
    }

    /// The job is over for this volunteer.
    public struct Cancellation: Hashable, Sendable {
        /// The job.
        public var job: JobID
        /// Why, for a person: `done`, `cancelled` or an explanation.
        public var reason: String
        /// What kind of decision it is, when the volunteer may want to know: `convicted`.
        public var code: String?

        /// A cancellation.
        public init(job: JobID, reason: String, code: String? = nil) {
            self.job = job
            self.reason = reason
            self.code = code
        }
    }

    /// Asks for bytes `offset ..< offset + length` of a module package or of a job's input.
    public struct Fetch: Hashable, Sendable {
        /// What to read from.
        public enum Subject: String, Hashable, Sendable {
            /// The package of the job's module.
            case module
            /// The job's input.
            case input
            /// The digests of the package's chunks.
            case moduleList = "module-list"
            /// The digests of the input's chunks.
            case inputList = "input-list"
        }

        /// The stream on which the CHUNK frames come, chosen by the asker, unique among its open fetches.
        public var stream: UInt32
        /// The job.
        public var job: JobID
        /// What to read from.
        public var subject: Subject
        /// The first byte.
        public var offset: UInt64
        /// How many bytes, at most 1 MiB (``Limits/fetchBytes``).
        public var length: UInt64
        /// Whether `holders` is an answer, too: volunteers who were sent these bytes before.
        public var mayRefer: Bool

        /// A question.
        public init(stream: UInt32, job: JobID, subject: Subject, offset: UInt64, length: UInt64, mayRefer: Bool = false) {
            self.stream = stream
            self.job = job
            self.subject = subject
            self.offset = offset
            self.length = length
            self.mayRefer = mayRefer
        }
    }
}
