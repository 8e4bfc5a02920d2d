public import TalkootCore

/// A run of units for one exchange with a cell.
public struct UnitBatch: Sendable {
    /// The most units of one exchange; a longer run is cut off here.
    public static let unitLimit = 65536

    /// The units, not empty, inside the shape.
    public var units: Range<UInt64>
    /// How the job is cut into units.
    public var shape: JobShape
    /// The job's seed; a unit's own seed is derived from it and the unit's index.
    public var seed: UInt64
    /// The bytes of the units' input.
    public var input: [UInt8]
    /// Where each unit's input ends in `input`, in order; empty when the job has no input.
    public var inputEnds: [Int]
    /// Where the first unit's input starts in `input`.
    public var inputStart: Int
    /// Units at or after it are not started.
    public var stopBefore: StopLine?
    /// After this time, in seconds, no further unit is started: the answer is then a prefix of `units`.
    public var budgetSeconds: Double
    /// What the first unit left behind when it was stopped, or nothing.
    public var checkpoint: [UInt8]
    /// How often the first unit was tried on this host before.
    public var attempt: UInt32

    /// A batch, in the simplest case without input.
    public init(
        units: Range<UInt64>, shape: JobShape, seed: UInt64, input: [UInt8] = [], inputEnds: [Int] = [], inputStart: Int = 0,
        stopBefore: StopLine? = nil, budgetSeconds: Double = 1, checkpoint: [UInt8] = [], attempt: UInt32 = 0
    ) {
        precondition(!units.isEmpty && units.upperBound <= shape.units, "a batch has units, all inside the job")
        precondition(inputEnds.isEmpty || inputEnds.count == units.count, "each unit has an input or none has")
        self.units = units
        self.shape = shape
        self.seed = seed
        self.input = input
        self.inputEnds = inputEnds
        self.inputStart = inputStart
        self.stopBefore = stopBefore
        self.budgetSeconds = budgetSeconds
        self.checkpoint = checkpoint
        self.attempt = attempt
    }
}

/// What came of a ``UnitBatch``.
public struct BatchResult: Sendable {
    /// The units that have results: a prefix of the batch, perhaps empty.
    public var units: Range<UInt64>
    /// Where each result ends in `bytes`, one for each of `units`.
    public var resultEnds: [Int]
    /// The results, one after the other.
    public var bytes: [UInt8]
    /// The unit that failed, when one did: the one after `units`. It ended the batch.
    public var failure: (unit: UInt64, outcome: UnitOutcome)?
    /// The newest checkpoint of a unit that is not finished.
    public var checkpoint: (unit: UInt64, bytes: [UInt8])?
    /// Processor time that the cell used, in seconds; 0 when it was some microseconds, which count with a later result.
    public var processorSeconds: Double
    /// Time from request to answer, in seconds.
    public var wallSeconds: Double
}
