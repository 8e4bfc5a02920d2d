import HeapModule
import TalkootCore
public import TalkootScheduling

/// A job of the product's own scheduling code over simulated volunteers: no sockets, no processes, only events in their order.
///
/// The job is as long as the volunteers, never idle, would take for it, so that the ideal time is known. A volunteer that goes loses
/// what it has not handed in; the coordinator notices after three missed heartbeats, or when it is back. Commits go out every 60 s
/// and at the end of a lease; a grant or a revocation takes one round trip. Transfers of input and modules are not simulated.
public struct VolunteerSimulation: Sendable {
    /// What is simulated.
    public struct Settings: Hashable, Sendable {
        /// The volunteers.
        public var population = Population()
        /// How long the job takes under ideal conditions, in hours.
        public var hours = 24.0
        /// What a unit takes on a machine of speed 1, in seconds.
        public var unitSeconds = 1.0
        /// How results are verified.
        public var verification = VerificationPolicy.Level.audit
        /// The share that is audited.
        public var auditRate = 0.03
        /// Whether the requester's own machine (of speed 1) decides disputes; otherwise volunteers do.
        public var hasOwnMachine = true
        /// A message there and its answer back, in seconds.
        public var roundTripSeconds = 0.2
        /// How soon the coordinator sees that a volunteer is gone, in seconds.
        public var detectionSeconds = 45.0
        /// How often volunteers hand in what is finished, in seconds.
        public var commitSeconds = 60.0
        /// What everything random is drawn from.
        public var seed: UInt64 = 1
        /// How many volunteers the picture shows; 0 for no picture.
        public var pictured = 0

        /// A day of a thousand volunteers with audits.
        public init() {}
    }

    enum Kind: Int, Sendable {
        case arrives, leaves, noticed, mail, works, ownMachine
    }

    struct Event: Comparable, Sendable {
        let time: Double
        let order: UInt64
        let kind: Kind
        let volunteer: Int

        static func < (left: Event, right: Event) -> Bool { (left.time, left.order) < (right.time, right.order) }
        static func == (left: Event, right: Event) -> Bool { left.order == right.order }
    }

    let settings: Settings
    let answers: Answers
    /// The scheduler, as it stands.
    public internal(set) var scheduling: Scheduling
    /// What happened when, for a picture.
    public internal(set) var timeline: Timeline
    var report: SimulationReport
    var volunteers: [SimulatedVolunteer]
    var events = Heap<Event>()
    var order: UInt64 = 0
    var time = 0.0
    var isOver = false
    var computed = 0.0
    var lost = 0.0
    /// What the requester's machine is asked for; it does one after the other.
    var ownWork: [Range<UInt64>] = []

    /// Sets the stage. O(volunteers).
    public init(_ settings: Settings) {
        self.settings = settings
        let ideal = settings.hours * 3600
        let work = Self.capacity(settings.population, seed: settings.seed, seconds: ideal)
        let units = max(1, UInt64(work / settings.unitSeconds))
        answers = Answers(population: settings.population, seed: settings.seed, unitSeconds: settings.unitSeconds)
        var policy = SchedulingPolicy()
        policy.heartbeatSeconds = max(60, settings.commitSeconds)
        var random = SimulationRandom(seed: settings.seed ^ 0xA0D1)
        policy.verification = VerificationPolicy(settings.verification, seed: .random(using: &random))
        policy.verification.auditRate = settings.auditRate
        policy.verification.ownMachineChecks = settings.hasOwnMachine ? 2 : 0
        scheduling = Scheduling(units: units, policy: policy, priorUnitSeconds: settings.unitSeconds)
        volunteers = (0..<settings.population.volunteers).map {
            SimulatedVolunteer($0, population: settings.population, seed: settings.seed)
        }
        report = SimulationReport(policy: "talkoot, \(settings.verification.rawValue)")
        (report.units, report.unitSeconds) = (units, settings.unitSeconds)
        timeline = Timeline(volunteers: min(settings.pictured, volunteers.count), ideal: ideal)
        for number in volunteers.indices { plan(number) }
    }

    /// The seconds of work of a machine of speed 1 that the volunteers can do in that time.
    static func capacity(_ population: Population, seed: UInt64, seconds: Double) -> Double {
        var sum = 0.0
        for number in 0..<population.volunteers {
            var trace = Trace(churn: population.churn, volunteer: number, seed: seed)
            let speed = population.speed(of: number, seed: seed)
            while case let next = trace.next(), next.span.lowerBound < seconds {
                sum += (min(next.span.upperBound, seconds) - next.span.lowerBound) * speed * next.speed
            }
        }
        return sum
    }

    /// Runs the job to its end, or for twenty times the ideal time.
    public mutating func run() -> SimulationReport {
        let limit = settings.hours * 3600 * 20
        while !isOver {
            let deadline = scheduling.nextDeadline.map { Double($0.nanoseconds) / 1e9 } ?? .infinity
            if let event = events.min, event.time <= deadline {
                events.removeMin()
                time = max(time, event.time)
                handle(event)
            } else if deadline.isFinite {
                time = max(time, deadline)
                perform(scheduling.advance(to: scheduling.nextDeadline ?? now))
            } else {
                break
            }
            if time > limit { break }
        }
        return conclude()
    }

    var now: Tick { .seconds(time) }

    mutating func schedule(_ kind: Kind, _ volunteer: Int, at moment: Double) {
        guard moment.isFinite else { return }
        order += 1
        events.insert(Event(time: moment, order: order, kind: kind, volunteer: volunteer))
    }

    private mutating func conclude() -> SimulationReport {
        let ideal = settings.hours * 3600
        let units = Double(report.units)
        report.isComplete = isOver
        report.makespan = time / ideal
        report.ninetyNine = (timeline.ninetyNine ?? time) / ideal
        report.executed = computed / units
        report.lost = lost / units
        let snapshot = scheduling.snapshot
        report.leases = snapshot.grants
        report.unitsChecked = snapshot.verification.unitsChecked
        var wrong: UInt64 = 0
        for (number, volunteer) in volunteers.enumerated() where volunteer.behaviour != .honest && volunteer.hasWorked {
            report.badWorkers += 1
            for taken in volunteer.taken {
                for unit in taken.units where answers.isWrong(unit, by: number, volunteer.behaviour, at: taken.time) { wrong += 1 }
            }
        }
        report.wrongPerMillion = Double(wrong) / units * 1e6
        timeline.end(at: time, volunteers)
        return report
    }
}
