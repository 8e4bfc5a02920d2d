public import TalkootCore
public import TalkootScheduling
public import TalkootStore

/// What a requester asks for: everything ``Coordinator/submit(_:launcher:capsules:seat:logger:)`` needs to know.
///
/// The parameters must be complete (`manifest.resolve`), and paths should be absolute: they are kept for a later resume, which
/// may happen in another directory.
public struct JobSpecification: Sendable {
    /// The module to run.
    public var module: JobModule
    /// The parameters, defaults applied.
    public var parameters: [String: ParameterValue]
    /// The input file; required when the module's input is not `none`, forbidden otherwise.
    public var inputPath: String?
    /// Where the output goes; `nil` leaves it to the caller, as ``JobOutput``.
    public var outputPath: String?
    /// How many items make a unit; `nil` measures the module for at most about 50 ms and chooses.
    public var itemsPerUnit: UInt64?
    /// How many slots are expected to work on the job, local and remote: it steers the size of units, not where they run.
    public var expectedSlots: Int
    /// The job's own directory, made when it is not there: `<jobs>/<id>`.
    public var directory: String
    /// The job's name.
    public var id: JobID
    /// When it is submitted, in seconds since 1970.
    public var created: Int64
    /// Where the units run, for the record.
    public var mode: JobRecord.Mode
    /// The requester's account name, or empty.
    public var requester: String
    /// The least confinement level accepted from volunteers.
    public var minimumLevel: ConfinementLevel
    /// Limits of a cell.
    public var limits: CellLimits
    /// The seed from which each unit's seed is made.
    public var seed: UInt64

    /// A job with the limits that the module's manifest asks for; change the other properties where they matter.
    public init(
        module: JobModule, parameters: [String: ParameterValue], inputPath: String? = nil, outputPath: String? = nil,
        itemsPerUnit: UInt64? = nil, expectedSlots: Int = 1, directory: String, id: JobID, created: Int64, mode: JobRecord.Mode,
        requester: String = "", minimumLevel: ConfinementLevel = .filtered, limits: CellLimits? = nil, seed: UInt64 = 0
    ) {
        self.module = module
        self.parameters = parameters
        self.inputPath = inputPath
        self.outputPath = outputPath
        self.itemsPerUnit = itemsPerUnit
        self.expectedSlots = expectedSlots
        self.directory = directory
        self.id = id
        self.created = created
        self.mode = mode
        self.requester = requester
        self.minimumLevel = minimumLevel
        let resources = module.manifest.resources
        self.limits = limits ?? CellLimits(memoryBytes: resources.memoryBytes, threads: resources.threads)
        self.seed = seed
    }

    /// Whether each volunteer is to fetch the whole input, most of it from the others.
    public var spreadsInput = false

    /// How results of volunteers are verified; those of local slots are believed.
    public var verification = VerificationPolicy.Level.none
    /// On which terms it is submitted.
    public var terms = JobRecord.Terms()
}
