public import NIOCore
public import TalkootCore

/// Finished units of a lease, from a volunteer to its coordinator, in a COMMIT frame.
///
/// Either all units have results, whose bytes lie one after another in ``bytes``, or exactly one unit failed, whose last words in the
/// log are there. A commit of any size can be sent: it travels as several commits when it has more than
/// ``Limits/commitResultBytes`` of results, each of whole units and each acknowledged for itself; a single larger result
/// travels in pieces that the receiving connection joins.
public struct Commit: Hashable, Sendable {
    /// The job.
    public var job: JobID
    /// The lease.
    public var lease: UInt64
    /// The units, at least one.
    public var units: Range<UInt64>
    /// What went wrong with the one unit; `nil` when all are done.
    public var failure: UnitOutcome?
    /// For each unit the end of its result in ``bytes``, ascending; empty after a failure.
    public var resultEnds: [Int]
    /// The results; after a failure the end of what the module logged, at most ``Limits/failureLogBytes``.
    public var bytes: ByteBuffer
    /// Processor time the units took, in microseconds.
    public var processorMicroseconds: UInt64
    /// The one unit's bytes go on in the next COMMIT frame. Never true in what a handler receives.
    public var more: Bool

    /// A commit of units that are done; `resultEnds` has one element for each.
    public init(
        job: JobID, lease: UInt64, units: Range<UInt64>, resultEnds: [Int], bytes: ByteBuffer, processorMicroseconds: UInt64 = 0
    ) {
        self.init(
            job: job, lease: lease, units: units, failure: nil, resultEnds: resultEnds, bytes: bytes,
            processorMicroseconds: processorMicroseconds, more: false)
    }

    /// A commit of units that are done, from an array of bytes, which is copied.
    public init(job: JobID, lease: UInt64, units: Range<UInt64>, resultEnds: [Int], bytes: [UInt8], processorMicroseconds: UInt64 = 0) {
        self.init(
            job: job, lease: lease, units: units, resultEnds: resultEnds, bytes: ByteBuffer(bytes: bytes),
            processorMicroseconds: processorMicroseconds)
    }

    /// A commit of one unit that failed; `failure` is never ``UnitOutcome/done``. Of the log the end is sent.
    public init(job: JobID, lease: UInt64, unit: UInt64, failure: UnitOutcome, log: [UInt8] = [], processorMicroseconds: UInt64 = 0) {
        precondition(!failure.isDone, "a failure is not done")
        self.init(
            job: job, lease: lease, units: unit..<unit + 1, failure: failure, resultEnds: [],
            bytes: ByteBuffer(bytes: log.suffix(Limits.failureLogBytes)), processorMicroseconds: processorMicroseconds, more: false)
    }

    init(
        job: JobID, lease: UInt64, units: Range<UInt64>, failure: UnitOutcome?, resultEnds: [Int], bytes: ByteBuffer,
        processorMicroseconds: UInt64, more: Bool
    ) {
        self.job = job
        self.lease = lease
        self.units = units
        self.failure = failure
        self.resultEnds = resultEnds
        self.bytes = bytes
        self.processorMicroseconds = processorMicroseconds
        self.more = more
    }
}
