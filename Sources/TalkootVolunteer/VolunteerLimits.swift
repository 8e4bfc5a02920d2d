import TalkootCore

/// Every bound of a volunteer, in one place, with its unit and its reason.
enum VolunteerLimits {
    /// Jobs that run side by side; one more is answered "busy". Few, so that each makes visible progress.
    static let seats = 4
    /// Cells at once that an owner may allow.
    static let slots = 1...1024
    /// Leases that wait at one slot, the running one not counted: the coordinator keeps one ahead, the rest is slack.
    static let queuedLeases = 4
    /// Checkpoints of 1 MiB at most that wait for their grants: each comes right before its own.
    static let awaitedCheckpoints = 4
    /// Results of one slot that were sent and not acknowledged, in bytes; a slot at the bound waits.
    static let unacknowledgedBytes: UInt64 = 16 << 20
    /// What one commit counts beside its result bytes, so that commits without bytes are bounded too.
    static let commitOverheadBytes: UInt64 = 128
    /// What one unit counts beside its result bytes: its end offset in the commit.
    static let unitOverheadBytes: UInt64 = 8
    /// Bytes asked for by one `fetch`.
    static let pieceBytes: UInt64 = 1 << 20
    /// Open fetches of one download, and of one slot.
    static let openPieces = 4
    /// Input read ahead for one slot, in bytes; more only when a single unit needs it.
    static let inputWindowBytes: UInt64 = 8 << 20
    /// How long a fetch may bring nothing before it counts as failed, in seconds.
    static let fetchSeconds = 60.0
    /// The pause between heartbeats, in seconds; a coordinator gives a volunteer up after three.
    static let heartbeatSeconds = 15.0
    /// How often a working volunteer looks whether it was suspended, in seconds.
    static let beatSeconds = 5.0
    /// A beat that comes later than this means that the agent was suspended, in seconds.
    static let suspensionSeconds = 8.0
    /// How long a slot runs before another job may take its place, in seconds.
    static let turnSeconds = 2.0
    /// How long `drain` waits for acknowledgements, in seconds.
    static let drainSeconds = 30.0
    /// How long a person may think about a request, in seconds.
    static let askSeconds = 300.0
    /// Refused requests that are remembered for the owner.
    static let refusals = 32
    /// Malformed work messages on one connection before it is closed.
    static let faults = 16
    /// Connections at once.
    static let connections = 256
    /// Cells that may fail to start in a row before the job is given up.
    static let launchFailures = 3
    /// How often a resting tracker session is checked, in seconds.
    static let trackerSeconds = 60.0
    /// Receipts that are kept of one connection.
    static let receipts = 64
    /// The file of all receipts, in bytes: about 20,000 of them.
    static let receiptFileBytes = 16 << 20
    /// Log text kept from a cell, and result text shown to a person, in bytes.
    static let logBytes: UInt64 = 64 << 10
}
