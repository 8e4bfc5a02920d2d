import HeapModule
import NIOCore
import TalkootCore
import TalkootProtocol
import TalkootScheduling

/// A coordinator and its volunteers over a bad network, all drawn from one seed: the product's scheduler, its connections' state machines
/// and its messages, byte by byte, with processes that are killed and a journal that forgets what was not on the disk.
///
/// What must never happen is looked for after every event: a unit lost or taken twice, a result acknowledged that is not durable, a final
/// result that an honest volunteer contradicted, an honest volunteer expelled or convicted, a queue above its limit, a job that never ends.
public struct ClusterSimulation: Sendable {
    /// What came of it.
    public struct Report: Hashable, Sendable, Encodable {
        /// The seed.
        public var seed: UInt64 = 0
        /// What went wrong, in words; nil when nothing did.
        public var problem: String?
        /// What took place, to be seen that it did.
        public var events = 0
        /// Seconds that passed.
        public var seconds = 0.0
        /// How often the coordinator was killed, and volunteers were.
        public var coordinatorKills = 0
        /// How often a volunteer was killed.
        public var volunteerKills = 0
        /// Connections that were opened.
        public var connections = 0
        /// Volunteers that were convicted.
        public var convictions = 0
        /// Bytes that were sent.
        public var bytes = 0

        /// One line that repeats it.
        public var line: String {
            problem.map { "seed \(seed): \($0); repeat it with: talkoot sim --faults --seed \(seed)" }
                ?? "seed \(seed): sound after \(events) events, \(fixed(seconds, 1)) s"
        }
    }

    /// A fault of the coordinator's shell, made on purpose to see that it is found.
    public enum Mistake: Sendable, CaseIterable {
        /// Acknowledges results before they are durable.
        case acknowledgesEarly
        /// Writes down all results that come, also those of units that are over.
        case keepsDuplicates
        /// Does not take back what a convict gave.
        case ignoresVerdicts
        /// Forgets hosts whose connection is gone, without telling the scheduler.
        case forgetsHosts
    }

    enum Kind: Sendable {
        case arrival(Int, UInt64, SimulatedLink.Side)
        case work(Int, slot: Int, stamp: UInt64)
        case sync(epoch: Int)
        case ownRun(Range<UInt64>, epoch: Int)
        case fault(Int)
        case tick
        case dial
        case revive(Int, generation: Int)
        case reviveCoordinator
    }

    struct Event: Comparable, Sendable {
        let time: Double
        let order: UInt64
        let kind: Kind

        static func < (left: Event, right: Event) -> Bool { (left.time, left.order) < (right.time, right.order) }
        static func == (left: Event, right: Event) -> Bool { left.order == right.order }
    }

    /// How long a job may take after the last fault, in seconds: silence and grace, a few times.
    static let patienceSeconds = 20_000.0
    /// And how many events it may have.
    static let maximumEvents = 30_000
    static let job = JobID(rawValue: 1)

    let plan: ClusterPlan
    let mistake: Mistake?
    var random: SimulationRandom
    var events = Heap<Event>()
    var order: UInt64 = 0
    var time = 0.0
    var report = Report()
    var isOver = false

    // The coordinator: its process, and what outlives it.
    var scheduling: Scheduling?
    var epoch = 0
    var lastHost: UInt64 = 0
    var hostPlace: [UInt64: (volunteer: Int, slot: Int)] = [:]
    var journal = SimulatedJournal()
    var isSyncing = false
    /// The units of the commits that wait for the disk, by their place among the journal's entries.
    var waiting: [Int: Range<UInt64>] = [:]
    /// Results that count, as the coordinator has said it.
    var believed: [UInt64: SimulatedJournal.Stored] = [:]
    /// Results that were acknowledged and not taken back since.
    var acknowledged: [UInt64: SimulatedJournal.Stored] = [:]
    /// What honest volunteers' checks said against a result that counts.
    var contradicted: [UInt64: SimulatedJournal.Stored] = [:]
    /// The job as volunteers are told.
    let description: Message.JobDescription?

    var volunteers: [ClusterVolunteer]
    var links: [SimulatedLink?]
    var lastLink: UInt64 = 0
    var blockedUntil: [Double]

    /// Draws a cluster and what happens to it.
    public init(seed: UInt64, mistake: Mistake? = nil) {
        let plan = ClusterPlan(seed: seed)
        self.plan = plan
        self.mistake = mistake
        random = SimulationRandom(seed: SimulationRandom.mix(seed ^ 0xFA17))
        report.seed = seed
        volunteers = plan.volunteers.map { ClusterVolunteer(slots: $0.slots) }
        links = Array(repeating: nil, count: plan.volunteers.count)
        blockedUntil = Array(repeating: 0, count: plan.volunteers.count)
        description = Digest(bytes: Array(repeating: 1, count: 32)).map {
            Message.JobDescription(
                id: Self.job, requester: "", module: $0, packageBytes: 1, parameters: [:],
                shape: JobShape(items: plan.units, itemsPerUnit: 1), seed: seed, inputBytes: 0, limits: CellLimits(),
                minimumLevel: .none)
        }
        startCoordinator()
        for (number, fault) in plan.faults.enumerated() { schedule(.fault(number), at: fault.at) }
        schedule(.tick, at: 5)
    }

    /// Lives it through. The same seed gives the same report.
    public mutating func run() -> Report {
        let limit = (plan.faults.map(\.at).max() ?? 0) + Self.patienceSeconds
        while !isOver, report.problem == nil {
            let deadline = scheduling?.nextDeadline.map { max(time, Double($0.nanoseconds) / 1e9) } ?? .infinity
            if let event = events.min, event.time <= deadline {
                events.removeMin()
                time = max(time, event.time)
                handle(event.kind)
            } else if deadline.isFinite {
                time = deadline
                advanceScheduler()
            } else {
                fail("nothing will ever happen again")
            }
            report.events += 1
            if time > limit || report.events > Self.maximumEvents { fail("it never ends: \(standing)") }
            look()
        }
        report.seconds = time
        if report.problem == nil { judge() }
        return report
    }

    mutating func fail(_ problem: String) { report.problem = report.problem ?? "after \(fixed(time, 3)) s, \(problem)" }

    mutating func schedule(_ kind: Kind, at moment: Double) {
        order += 1
        events.insert(Event(time: moment, order: order, kind: kind))
    }

    /// The right result of a unit.
    static func right(_ unit: UInt64) -> UInt64 { unit &* 0x9E37_79B9_7F4A_7C15 }

    /// How far the job is, for a person.
    private var standing: String {
        guard let snapshot = scheduling?.snapshot else { return "the coordinator is down" }
        let roles = plan.volunteers.map { "\($0.role)" }.joined(separator: " ")
        return "\(plan.level.rawValue), \(snapshot.unitsDone) of \(plan.units) units done, \(snapshot.checksOpen) checks open, "
            + "\(snapshot.leases) leases of \(snapshot.grants), \(snapshot.hosts) slots, \(snapshot.verification.disputes) disputes, "
            + "poison \(plan.poison.map(String.init) ?? "none"), volunteers \(roles)"
    }

    // MARK: What must hold

    /// After every event.
    private mutating func look() {
        if let unit = journal.doubled { fail("unit \(unit) has two results in the journal") }
        if report.events % 4 == 0, let broken = scheduling?.brokenInvariant() { fail(broken) }
        if journal.pending.count > 4 * volunteers.count * 64 { fail("\(journal.pending.count) entries wait for the disk") }
        for case let link? in links {
            for side in [SimulatedLink.Side.coordinator, .volunteer] where (link[side].queue?.pendingBytes ?? 0) > Limits.outboundBytes {
                fail("a queue of \(link[side].queue?.pendingBytes ?? 0) bytes")
            }
        }
    }

    /// At the end.
    private mutating func judge() {
        for unit in 0..<plan.units {
            guard let result = journal.results[unit] else {
                if !journal.givenUp.contains(unit) { fail("unit \(unit) is lost") }
                continue
            }
            if journal.givenUp.contains(unit) { fail("unit \(unit) was given up and has a result") }
            let isWrong = result.value != Self.right(unit)
            if isWrong, plan.level == .strict { fail("unit \(unit) is wrong, with everything run twice") }
            if isWrong, contradicted[unit] == result { fail("unit \(unit) is final, although an honest volunteer contradicted it") }
        }
        for unit in acknowledged.keys.sorted() where journal.results[unit] == nil { fail("unit \(unit) was acknowledged and is lost") }
    }
}

/// A volunteer's process.
struct ClusterVolunteer: Sendable {
    /// A lease, or what is left of it.
    struct Run: Sendable {
        let lease: UInt64
        var next: UInt64
        var end: UInt64
        /// Results that are not handed in: those of the units before `next`.
        var values: [UInt64] = []
    }

    struct Slot: Sendable {
        var runs: [Run] = []
        /// Tells the present work from what was given up.
        var stamp: UInt64 = 0
        var isWorking = false
    }

    var isUp = true
    var generation = 0
    var slots: [Slot]
    /// Units handed in and not acknowledged.
    var unacknowledged = 0
    var lastHeartbeat = 0.0

    init(slots: Int) { self.slots = Array(repeating: Slot(), count: slots) }

    /// The process, or its job, is gone.
    mutating func clear() {
        for slot in slots.indices {
            slots[slot].runs = []
            slots[slot].stamp += 1
            slots[slot].isWorking = false
        }
        unacknowledged = 0
    }
}
