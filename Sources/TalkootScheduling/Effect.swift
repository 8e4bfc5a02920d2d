public import TalkootCore

extension Scheduling {
    /// What the caller must do; in order.
    public enum Effect: Hashable, Sendable {
        /// Send the lease to its host.
        case grant(Lease)
        /// Tell the host not to start the lease's units at or after `from`; what it has started may still be committed.
        case revoke(LeaseID, host: HostID, from: UInt64)
        /// The unit has no result and is not tried again; this is the last thing that went wrong with it.
        case giveUp(unit: UInt64, outcome: UnitOutcome)
        /// The results of these units are not to be believed: forget them, durably, before anything else is written for them.
        case void([Range<UInt64>], of: OwnerID)
        /// Somebody gave a wrong result. What it costs him has been decided; tell people and write it down.
        case convict(Conviction)
        /// Run these units on the requester's own machine and answer with ``Scheduling/ranHere(_:at:digest:)``.
        case runHere(Range<UInt64>)
        /// Every unit is finished, with a result that stands, or given up. Comes once, last.
        case finished
    }
}

/// What became of a commit.
public enum CommitVerdict: Hashable, Sendable {
    /// These of its units are new, in ascending order; keep exactly their results.
    case accepted([Range<UInt64>])
    /// All its units were finished before; drop the results, acknowledge all the same.
    case duplicate
    /// No such lease of this host, or units that were never in it; a fault of the host unless the lease is long forgotten.
    case unknown
}

/// Where a unit stands.
public enum UnitState: Hashable, Sendable {
    /// Nobody works on it.
    case free
    /// It failed and waits for another host.
    case failed
    /// It is in the lease of one host, or of two when one is slow.
    case leased
    /// It has a result that may still be taken back. Without verification no unit is in this state.
    case provisional
    /// It has its result.
    case final
    /// It has none and will have none.
    case givenUp
}

/// How a job stands.
public struct SchedulingSnapshot: Hashable, Sendable {
    /// How many units the job has.
    public var units: UInt64
    /// How many of them are over, with a result or given up.
    public var unitsDone: UInt64
    /// How many of these were given up.
    public var unitsGivenUp: UInt64
    /// Checks that are not over, and units that are not durable yet; see ``verification`` for those that are.
    public var checksOpen: Int
    /// How verification stands.
    public var verification: VerificationCounts
    /// How many hosts are present.
    public var hosts: Int
    /// How many of them hold a lease.
    public var busyHosts: Int
    /// How many leases are open.
    public var leases: Int
    /// How many leases were granted so far.
    public var grants: UInt64
    /// What the hosts that work do together, in units a second; 0 while unknown.
    public var rate: Double
    /// The seconds that the rest will take at this rate; `nil` while unknown.
    public var eta: Double?
}
