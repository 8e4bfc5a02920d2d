import TalkootCore
import TalkootScheduling

/// How the dispatcher reaches a host. None of these may block: they queue.
protocol HostPort: AnyObject, Sendable {
    /// Whose it is: a volunteer's name, or that of this machine.
    var name: String { get }
    /// Runs the lease after those granted before, its first unit from where another host's run of it was stopped, if that is known.
    func grant(_ lease: Lease, checkpoint: [UInt8]?)
    /// Who answers for the host when it goes on from others' checkpoints; `nil` for one that begins every unit anew.
    var checkpointOwner: OwnerID? { get }
    /// Does not start the lease's units at or after `unit`.
    func revoke(_ lease: LeaseID, from unit: UInt64)
    /// Starts nothing more: the job is over.
    func retire()
    /// What the host runs now and the first unit it has not finished, when the dispatcher must ask instead of being told.
    var position: (lease: LeaseID, next: UInt64)? { get }
}

/// Finished units on their way from a host to the journal.
struct FinishedUnits: Sendable {
    var lease: LeaseID
    var host: HostID
    /// Who answers for the host, and what is known of it.
    var owner: OwnerID
    var traits: HostTraits
    var units: Range<UInt64>
    /// How the one unit failed; `nil` when all have results.
    var failure: UnitOutcome?
    var resultEnds: [Int]
    /// The results; after a failure what the module logged.
    var bytes: [UInt8]
    var processorMicroseconds: UInt64
    /// Who ran them, for the journal.
    var volunteer: String
}

/// What the dispatcher answers to finished units.
enum Acceptance: Hashable, Sendable {
    /// Go on.
    case taken
    /// Taken, but report no more until ``Dispatcher`` says that there is room.
    case takenButFull
    /// The host never had these units.
    case refused
    /// The job is over.
    case over
}
