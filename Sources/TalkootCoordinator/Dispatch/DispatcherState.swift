import TalkootCore
import TalkootScheduling
import TalkootStore

/// All that changes while a job runs, behind the dispatcher's lock.
struct DispatcherState: Sendable {
    var scheduling: Scheduling
    /// Units with durable results.
    var durable: UnitRanges
    var hosts: [HostID: any HostPort] = [:]
    var nextHost: UInt64 = 0
    /// Effects that are decided and not performed yet, in order.
    var outbox: [DispatcherAction] = []
    /// Whether a thread is performing the outbox; others leave theirs to it, so that order is kept.
    var isPerforming = false
    /// What was taken back, each time with its number: results on their way to the disk may be among it.
    private(set) var voided: [[Range<UInt64>]] = []
    /// When the timer thread will look next.
    var armed = Tick.zero
    /// Since when there has been no host.
    var hostless: Tick? = .zero
    var isOver = false
    /// Whether every unit is done or given up, with some of them given up.
    var isEveryUnitOver = false
    /// What units left behind where they were stopped.
    var checkpoints = CheckpointShelf()
    /// The units that have no result and will have none.
    var givenUp = GivenUpUnits()
    /// When it was last looked why hosts get nothing.
    var looked = Tick.zero
    /// Disputes that were told.
    var disputesTold: UInt64 = 0
    /// What units logged that failed, each the last time.
    private(set) var failureLogs: [UInt64: [UInt8]] = [:]

    init(units: UInt64, finished: [Range<UInt64>], policy: SchedulingPolicy, priorUnitSeconds: Double?) {
        scheduling = Scheduling(units: units, finished: finished, policy: policy, priorUnitSeconds: priorUnitSeconds)
        durable = UnitRanges(finished)
    }

    /// Takes note of what was decided; it is performed in order.
    mutating func take(_ effects: [Scheduling.Effect]) {
        for effect in effects {
            if case .void(let ranges, _) = effect {
                for range in ranges { durable.remove(range) }
                voided.append(ranges)
            }
            if case .convict(let conviction) = effect { checkpoints.remove(of: conviction.owner) }
            outbox.append(.effect(effect))
        }
    }

    /// Units are durable that were accepted when so many ranges had been taken back.
    mutating func insertDurable(_ range: Range<UInt64>, acceptedAfter voids: Int) {
        var standing = UnitRanges([range])
        for ranges in voided.dropFirst(voids) {
            for range in ranges { standing.remove(range) }
        }
        for range in standing.ranges { durable.insert(range) }
    }

    /// What a host of this owner goes on from in a lease; a check begins anew, whatever is known.
    mutating func takeCheckpoint(for lease: Lease, by owner: OwnerID) -> [UInt8]? {
        guard !lease.isCheck, let found = checkpoints.take(lease.units.lowerBound) else { return nil }
        if found.owner != owner { scheduling.goesOn(lease.units.lowerBound) }
        return found.bytes
    }

    /// Keeps what a unit that failed had logged, of so many units as are likely to be tried again.
    mutating func keepLog(_ log: [UInt8], of unit: UInt64) {
        guard failureLogs[unit] != nil || failureLogs.count < CoordinatorLimits.failureLogs else { return }
        failureLogs[unit] = log
    }
}

/// What is to be done once the lock is released.
enum DispatcherAction: Sendable {
    /// What the scheduler decided.
    case effect(Scheduling.Effect)
    /// Results that it accepted: they are written in this order among its effects.
    case write(JournalCommit, completion: GroupCommitter.Completion)
}
