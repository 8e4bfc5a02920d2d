public import TalkootCore

/// Whoever submits jobs: what volunteers give is shared between requesters, not between jobs.
public struct RequesterID: Hashable, Sendable {
    /// The number, chosen by the caller.
    public let rawValue: UInt64

    /// Names a requester.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// Whose job is next: a clock for each requester that runs by the work done for him, over his share.
///
/// A host goes to the requester whose clock is furthest behind, and of his jobs to the one of the highest priority, then to the oldest.
/// So requesters who have work all the time get work in proportion to their shares, however many jobs each has. Nobody saves up: who
/// comes (again) starts where the others are, and who cannot use what he is offered forfeits it (start-time fair queueing, Goyal, Vin
/// and Cheng 1996; the same clock as in BOINC's `logical_start_time`).
public struct FairShare: Sendable {
    private struct Requester: Sendable {
        var share: Double
        var time: Double
        /// His jobs, the one of the highest priority first, among equals the oldest.
        var jobs: [JobID] = []
    }

    private struct Job: Sendable {
        let requester: RequesterID
        let priority: Int
        let age: UInt64
    }

    private var requesters: [RequesterID: Requester] = [:]
    private var jobs: [JobID: Job] = [:]
    private var added: UInt64 = 0

    /// Nobody.
    public init() {}

    /// How many jobs there are.
    public var jobCount: Int { jobs.count }
    /// How many requesters have a job.
    public var requesterCount: Int { requesters.count { !$0.value.jobs.isEmpty } }
    /// Whether a requester has a job.
    public func has(_ requester: RequesterID) -> Bool { requesters[requester]?.jobs.isEmpty == false }

    /// A job is there. `share` is its requester's, for all his jobs from now on, and must be positive: twice the share, twice the work.
    /// Does nothing when the job is there already. O(jobs of the requester, requesters).
    public mutating func add(_ job: JobID, of requester: RequesterID, share: Double = 1, priority: Int = 0) {
        guard jobs[job] == nil else { return }
        precondition(share > 0 && share.isFinite, "a share must be positive")
        added += 1
        jobs[job] = Job(requester: requester, priority: priority, age: added)
        let present = earliest
        var entry = requesters[requester] ?? Requester(share: share, time: present)
        if entry.jobs.isEmpty { entry.time = max(entry.time, present) }
        entry.share = share
        let position = entry.jobs.firstIndex { (jobs[$0]?.priority ?? 0) < priority } ?? entry.jobs.count
        entry.jobs.insert(job, at: position)
        requesters[requester] = entry
        forgetOthers()
    }

    /// A job is over. Does nothing when it is not there. O(jobs of the requester).
    public mutating func remove(_ job: JobID) {
        guard let old = jobs.removeValue(forKey: job) else { return }
        requesters[old.requester]?.jobs.removeAll { $0 == job }
    }

    /// Work was given to a job, in seconds of a machine of speed 1; less than nothing when it was taken back. O(1).
    public mutating func charge(_ job: JobID, seconds: Double) {
        guard let requester = jobs[job]?.requester, let share = requesters[requester]?.share, seconds.isFinite else { return }
        requesters[requester]?.time += seconds / share
    }

    /// A job's requester was offered a host before `winner`'s, and has no use for any: his clock is set to the winner's. O(1).
    public mutating func forfeit(_ job: JobID, to winner: JobID) {
        guard let loser = jobs[job]?.requester, let other = jobs[winner]?.requester, loser != other else { return }
        guard let behind = requesters[loser]?.time, let ahead = requesters[other]?.time, behind < ahead else { return }
        requesters[loser]?.time = ahead
    }

    /// All jobs in the order in which a host is offered to them now. O(jobs + requesters log requesters).
    public var order: [JobID] {
        if requesters.count == 1 { return requesters.first?.value.jobs ?? [] }
        let waiting = requesters.values.filter { !$0.jobs.isEmpty }.sorted { ($0.time, rank($0)) < ($1.time, rank($1)) }
        return waiting.flatMap(\.jobs)
    }

    /// The clock of a job's requester, in seconds of work over his share; nil for a job that is not there.
    public func time(of job: JobID) -> Double? { jobs[job].flatMap { requesters[$0.requester]?.time } }

    /// What decides between two clocks that show the same: the priority and the age of the first job; less is earlier.
    private func rank(_ requester: Requester) -> Rank {
        let first = requester.jobs.first.flatMap { jobs[$0] }
        return Rank(priority: -(first?.priority ?? 0), age: first?.age ?? 0)
    }

    private struct Rank: Comparable {
        let priority: Int
        let age: UInt64

        static func < (left: Rank, right: Rank) -> Bool { (left.priority, left.age) < (right.priority, right.age) }
    }

    /// The least clock of those who have jobs; of anybody when nobody has.
    private var earliest: Double {
        let active = requesters.values.filter { !$0.jobs.isEmpty }
        return active.map(\.time).min() ?? requesters.values.map(\.time).max() ?? 0
    }

    /// Whose clock is not ahead of the others' may as well come as a stranger.
    private mutating func forgetOthers() {
        let present = earliest
        requesters = requesters.filter { !$0.value.jobs.isEmpty || $0.value.time > present }
    }
}
