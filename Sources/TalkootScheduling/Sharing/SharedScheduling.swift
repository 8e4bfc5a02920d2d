public import TalkootCore

/// Several jobs of several requesters on one crowd of hosts: the coordinator's mind when it has more than one job.
///
/// A host that needs work is offered to the jobs in the order of ``FairShare``: the requester who has had least for his share, then
/// priority, then age. The first job that has something for it grants a lease; its ``Scheduling`` decides which units. A host may
/// hold a lease of one job and the next of another. While several requesters want hosts, leases are short enough
/// (``turnSeconds``) for each to get within 2% of his share in any ten minutes.
///
/// ```swift
/// var shared = SharedScheduling()
/// let effects = shared.add(job, of: requester, scheduling: Scheduling(units: 1000, priorUnitSeconds: 1), at: now)
/// perform(effects + shared.join(host, owner: owner, at: now))             // leases of whichever job is next
/// let (verdict, more) = shared.commit(lease, of: job, host: host, units: 0..<10, at: now)
/// ```
/// Everything else happens in one job and goes through ``update(_:from:at:_:)``. Effects name their job; lease numbers are unique
/// within a job only. Pure and deterministic as ``Scheduling`` is; memory grows with hosts times the jobs that each has worked for.
public struct SharedScheduling: Sendable {
    /// What the caller must do for one of the jobs; in order.
    public struct Effect: Hashable, Sendable {
        /// Which job.
        public let job: JobID
        /// What.
        public let effect: Scheduling.Effect

        /// An effect of a job.
        public init(job: JobID, effect: Scheduling.Effect) {
            self.job = job
            self.effect = effect
        }
    }

    /// One job among the others.
    struct Entry: Sendable {
        var scheduling: Scheduling
        /// The seconds of a unit on a machine of speed 1, when that was measured before.
        let unitSeconds: Double?
        /// What its requester was charged for, in units.
        var charged: Int64 = 0

        mutating func change(at now: Tick, _ body: (inout Scheduling, Tick, inout [Scheduling.Effect]) -> Void) -> [Scheduling.Effect] {
            var effects: [Scheduling.Effect] = []
            body(&scheduling, now, &effects)
            return effects
        }
    }

    /// A host that is there.
    struct Member: Sendable {
        let owner: OwnerID
        let traits: HostTraits
        var roundTripSeconds: Double
        /// The jobs that know it.
        var jobs: [JobID] = []
        /// The jobs that it cannot work for.
        var excluded: Set<JobID> = []
        /// Until when it gets nothing.
        var restUntil = Tick.zero
        /// Where it is in the list of idle hosts, or -1.
        var idlePosition = -1
    }

    /// The most that may be added: each host may be asked about each of them.
    public static let maximumJobs = 1024

    /// While several requesters want hosts, a lease lasts at most this long in seconds, times the square root of how many hosts there
    /// are: what is under way, by chance for one or the other, so stays a small part of ten minutes' work.
    public var turnSecondsOfOneHost = 1.5
    /// But a lease lasts at least this long in seconds, if the job has as much,
    public var minimumTurnSeconds = 2.0
    /// and a turn at most this long.
    public var maximumTurnSeconds = 60.0

    var entries: [JobID: Entry] = [:]
    var members: [HostID: Member] = [:]
    var owners: [OwnerID: Int] = [:]
    /// Hosts without a lease.
    var idle: [HostID] = []
    var fairShare = FairShare()
    var now = Tick.zero
    /// Jobs whose questions are to be answered.
    var dirty: [JobID] = []
    /// When the first host that rests may be offered again.
    var restsEnd = Tick.distantFuture

    /// No jobs, no hosts.
    public init() {}

    // MARK: Asking

    /// The jobs that were added and not removed. O(jobs log jobs).
    public var jobs: [JobID] { entries.keys.sorted() }

    /// How many hosts are there.
    public var hostCount: Int { members.count }

    /// A job's own scheduler as it stands; nil for a job that is not there.
    public func scheduling(of job: JobID) -> Scheduling? { entries[job]?.scheduling }

    /// How a job stands; nil for one that is not there. O(hosts that have worked for it).
    public func snapshot(of job: JobID) -> SchedulingSnapshot? { entries[job]?.scheduling.snapshot }

    /// What a job's requester has had, in seconds of work over his share: the least is next. Nil for a job that is not there.
    public func time(of job: JobID) -> Double? { fairShare.time(of: job) }

    /// When ``advance(to:)`` has something to do at the latest, unless an event comes before; nil for never. O(jobs).
    public var nextDeadline: Tick? {
        let next = entries.values.compactMap(\.scheduling.nextDeadline).min()
        return restsEnd == .distantFuture ? next : min(next ?? restsEnd, restsEnd)
    }

    /// How long a lease lasts at most now, in seconds; infinite while one requester has all hosts.
    public var turnSeconds: Double { turnSeconds(requesters: fairShare.requesterCount) }

    func turnSeconds(requesters: Int) -> Double {
        guard requesters > 1 else { return .infinity }
        return min(max(turnSecondsOfOneHost * Double(members.count).squareRoot(), minimumTurnSeconds), maximumTurnSeconds)
    }

    /// What must hold between any two events; the first thing that does not, in words. For tests. O(everything).
    package func brokenInvariant() -> String? {
        for (job, entry) in entries {
            if let problem = entry.scheduling.brokenInvariant() { return "job \(job): \(problem)" }
        }
        var present: [OwnerID: Int] = [:]
        for (host, member) in members {
            present[member.owner, default: 0] += 1
            let held = member.jobs.reduce(0) { $0 + (entries[$1]?.scheduling.leaseCount(of: host) ?? 0) }
            if held > 2 { return "host \(host.rawValue) holds \(held) leases" }
            if held > 0, member.idlePosition >= 0 { return "host \(host.rawValue) is idle and busy" }
            if member.idlePosition >= 0, idle[member.idlePosition] != host { return "host \(host.rawValue) is wrongly listed as idle" }
            if held == 0, member.idlePosition < 0 { return "host \(host.rawValue) is forgotten" }
        }
        if present != owners { return "the owners are miscounted" }
        return idle.count > members.count ? "too many are idle" : nil
    }
}
