/// A failed unit, with everything that is needed to run it again somewhere else, and what came of it.
///
/// One file, `docs/capsule.md`: a header of lines for a person, then the bytes. It may come from a stranger: ``init(bytes:)`` checks
/// every field and allocates no more than the file has bytes.
public struct Capsule: Hashable, Sendable {
    /// The input of the unit.
    public enum Input: Hashable, Sendable {
        /// The job has none.
        case none
        /// These bytes, at most ``Capsule/inputLimitBytes``.
        case bytes([UInt8])
        /// It had more bytes than a capsule keeps, this many.
        case omitted(byteCount: UInt64)
    }

    /// The version of the format.
    public static let version = 1
    /// The most input that is kept, in bytes.
    public static let inputLimitBytes = 16 << 20
    /// The largest checkpoint, in bytes.
    public static let checkpointLimitBytes = 1 << 20
    /// The longest log, in bytes; of a longer one the end is kept.
    public static let logLimitBytes = 1 << 20
    /// The largest header, in bytes: 1 MiB of parameters, escaped, and the rest.
    public static let headerLimitBytes = 4 << 20
    /// The largest capsule, in bytes.
    public static let limitBytes = headerLimitBytes + checkpointLimitBytes + inputLimitBytes + logLimitBytes

    /// The job.
    public var job: JobID
    /// The module's identity.
    public var module: Digest
    /// The module's name.
    public var name: String
    /// The module's version.
    public var moduleVersion: SemanticVersion
    /// The job's parameters by name, defaults applied.
    public var parameters: [String: ParameterValue]
    /// How the job is cut into units.
    public var shape: JobShape
    /// The unit, inside the shape.
    public var unit: UInt64
    /// The job's seed.
    public var seed: UInt64
    /// How often the unit had been tried on that host before.
    public var attempt: UInt32
    /// What the cell could use.
    public var limits: CellLimits
    /// How the unit ended.
    public var verdict: UnitOutcome
    /// The program that wrote it, `talkoot/0.1.0`.
    public var program: String
    /// The platform it ran on, `x86_64-linux-gnu`.
    public var platform: String
    /// How strongly the cell was confined.
    public var level: ConfinementLevel
    /// The layers that held, in words.
    public var layers: [String]
    /// When it was written, in seconds since 1970.
    public var written: Int64
    /// What an earlier attempt left behind; empty when there is none.
    public var checkpoint: [UInt8]
    /// The unit's input.
    public var input: Input
    /// What the module logged in that cell.
    public var log: [UInt8]

    /// A capsule of a unit; the host's part is ``program`` and what follows it.
    public init(
        job: JobID, module: Digest, name: String, moduleVersion: SemanticVersion, parameters: [String: ParameterValue], shape: JobShape,
        unit: UInt64, seed: UInt64, attempt: UInt32 = 0, limits: CellLimits, verdict: UnitOutcome, program: String, platform: String,
        level: ConfinementLevel, layers: [String], written: Int64, checkpoint: [UInt8] = [], input: Input = .none, log: [UInt8] = []
    ) {
        precondition(unit < shape.units, "the unit is one of the job's")
        self.job = job
        self.module = module
        self.name = name
        self.moduleVersion = moduleVersion
        self.parameters = parameters
        self.shape = shape
        self.unit = unit
        self.seed = seed
        self.attempt = attempt
        self.limits = limits
        self.verdict = verdict
        self.program = program
        self.platform = platform
        self.level = level
        self.layers = layers
        self.written = written
        self.checkpoint = checkpoint
        self.input = input
        self.log = log
    }

    /// The unit's own seed: splitmix64 over the job's, as every cell computes it.
    public var unitSeed: UInt64 {
        var z = seed &+ (unit &+ 1) &* 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// The input, cut off from the capsule when it is larger than ``inputLimitBytes``.
    public static func kept(_ input: ArraySlice<UInt8>) -> Input {
        input.count <= inputLimitBytes ? .bytes(Array(input)) : .omitted(byteCount: UInt64(input.count))
    }
}
