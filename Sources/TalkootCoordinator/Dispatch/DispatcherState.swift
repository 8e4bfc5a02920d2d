import TalkootCore
import TalkootScheduling

/// All that changes while a job runs, behind the dispatcher's lock.
struct DispatcherState: Sendable {
    var scheduling: Scheduling
    /// Units with durable results.
    var durable: UnitRanges
    var hosts: [HostID: any HostPort] = [:]
    var nextHost: UInt64 = 0
    /// Effects that are decided and not performed yet, in order.
    var outbox: [Scheduling.Effect] = []
    /// Whether a thread is performing the outbox; others leave theirs to it, so that order is kept.
    var isPerforming = false
    /// When the timer thread will look next.
    var armed = Tick.zero
    /// Since when there has been no host.
    var hostless: Tick? = .zero
    var isOver = false
    /// The unit for which the job failed.
    var givenUp: GivenUpUnit?
    /// What units logged that failed, each the last time.
    private(set) var failureLogs: [UInt64: [UInt8]] = [:]

    init(units: UInt64, finished: [Range<UInt64>], policy: SchedulingPolicy, priorUnitSeconds: Double?) {
        scheduling = Scheduling(units: units, finished: finished, policy: policy, priorUnitSeconds: priorUnitSeconds)
        durable = UnitRanges(finished)
    }

    /// Keeps what a unit that failed had logged, of so many units as are likely to be tried again.
    mutating func keepLog(_ log: [UInt8], of unit: UInt64) {
        guard failureLogs[unit] != nil || failureLogs.count < CoordinatorLimits.failureLogs else { return }
        failureLogs[unit] = log
    }
}

/// A unit that nobody is asked to run any more.
struct GivenUpUnit: Sendable {
    var unit: UInt64
    /// How it ended the last time.
    var outcome: UnitOutcome
    /// What the module had logged then: the end of it, or nothing when that was not kept.
    var log: [UInt8]
}
