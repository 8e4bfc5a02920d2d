public import TalkootCore

/// A run of consecutive units that ended the same way: all with results, or one with a failure.
public struct FinishedRun: Sendable {
    /// The units, not empty; exactly one when it failed.
    public var units: Range<UInt64>
    /// How the one unit failed; nil when all units have results.
    public var failure: UnitOutcome?
    /// The results, one after the other; empty after a failure.
    public var bytes: [UInt8]
    /// Where each result ends in `bytes`, one for each unit; empty after a failure.
    public var resultEnds: [Int]
    /// What the module logged before it failed: the end of it, at most ``logLimitBytes``; empty without a failure.
    public var log: [UInt8]
    /// Processor time that the units took, in seconds.
    public var processorSeconds: Double
    /// Time that the units took, in seconds.
    public var wallSeconds: Double

    /// The most that is kept of a log, in bytes.
    public static let logLimitBytes = 16 << 10

    /// Units with their results, or one failed unit.
    public init(
        units: Range<UInt64>, failure: UnitOutcome? = nil, bytes: [UInt8] = [], resultEnds: [Int] = [], log: [UInt8] = [],
        processorSeconds: Double = 0, wallSeconds: Double = 0
    ) {
        self.units = units
        self.failure = failure
        self.bytes = bytes
        self.resultEnds = resultEnds
        self.log = log
        self.processorSeconds = processorSeconds
        self.wallSeconds = wallSeconds
    }
}
