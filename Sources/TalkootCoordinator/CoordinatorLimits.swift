/// The bounds of what a coordinator keeps, waits for and hands out.
enum CoordinatorLimits {
    /// The most slots that one volunteer can bring.
    static let slotsPerVolunteer = 1024
    /// Leases of one connection that are remembered, so that late results are recognised; the scheduler remembers as many.
    static let leasesPerConnection = 4096
    /// The longest text that a volunteer may put into an outcome or a reason, in bytes.
    static let textBytes = 1024
    /// Time for a volunteer to answer a request; a person may be asked.
    static let answerSeconds = 600.0
    /// Time for a volunteer to fetch and check the module after it said yes.
    static let readySeconds = 300.0
    /// The longest wait before a lost volunteer is dialled again, in seconds.
    static let redialSeconds = 30.0
    /// How often local slots count as heard of, in seconds: the scheduler's heartbeat.
    static let heartbeatSeconds = 15.0
    /// The most input of one unit that calibration aims for, in bytes.
    static let unitInputBytes = 4 << 20
    /// The most result bytes of one unit that calibration aims for.
    static let unitResultBytes = 4 << 20
    /// The most input of one lease, in bytes, on average.
    static let leaseInputBytes = 64 << 20
    /// Results that a module without `merge` may hand to its `finish` together, in bytes.
    static let concatenationBytes = 256 << 20
    /// Checkpoints of stopped units that are kept, and their bytes: what is too much costs only time.
    static let checkpoints = 1024
    /// The bytes of all checkpoints together.
    static let checkpointBytes = 64 << 20
    /// Failed units whose logs are kept, 16 KiB each at most.
    static let failureLogs = 64
    /// Announcements and complaints about a swarm that one connection may send; each is answered with a sample of the volunteers.
    static let swarmMessages = 10_000
    /// Requests that wait for the thread that reads package and input files.
    static let queuedReads = 4096
    /// How long one comparison may take, in seconds: the volunteers' connections wait meanwhile.
    static let equalSeconds = 1.0
    /// Results that disagree and are kept to be compared with others, in bytes.
    static let dissentBytes = 64 << 20
    /// How many checks the requester's machine is asked for at once.
    static let ownChecks = 2
    /// How long a local slot keeps what it finished before it hands it over, in seconds: what a kill may cost. Each time takes a millisecond
    /// of the processors that also compute.
    static let localHandOverSeconds = 0.5
    /// When so many units, or a tenth of the job's if that is less, were given up and none has a result, the job is aborted.
    static let failuresToAbort: UInt64 = 100
    /// When so many units were given up the job is aborted whatever the others gave: each is a row of the journal.
    static let unitsGivenUp: UInt64 = 10_000
    /// Units given up that are kept in memory, for the message and for capsules.
    static let unitsGivenUpKept = 16
}
