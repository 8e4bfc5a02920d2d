public import NIOCore
public import TalkootCore

/// What a unit left behind where it was stopped, in a CHECKPOINT frame: who runs it next goes on from there.
///
/// A volunteer sends it ahead of the `release` of the lease, a coordinator ahead of the `grant` whose first unit it belongs to.
public struct Checkpoint: Hashable, Sendable {
    /// The job.
    public var job: JobID
    /// The lease that is given up, or the one that is granted next.
    public var lease: UInt64
    /// The unit.
    public var unit: UInt64
    /// What the module left, at most ``Limits/checkpointBytes``.
    public var bytes: ByteBuffer

    /// What a unit left behind.
    public init(job: JobID, lease: UInt64, unit: UInt64, bytes: ByteBuffer) {
        self.job = job
        self.lease = lease
        self.unit = unit
        self.bytes = bytes
    }

    /// The bytes as an array.
    public var content: [UInt8] { Array(bytes.readableBytesView) }

    /// What a unit left behind.
    public init(job: JobID, lease: UInt64, unit: UInt64, bytes: [UInt8]) {
        self.init(job: job, lease: lease, unit: unit, bytes: ByteBuffer(bytes: bytes))
    }
}
