import HeapModule

/// Volunteer computing with units of a fixed size and deadlines, over the same volunteers: what the product is compared with.
///
/// A volunteer gets one unit at a time, keeps what it has when it goes, and hands the whole in at the end. The server knows nothing
/// of who is there. A unit whose deadline has passed goes to somebody else too. Not simulated: the clients' caches of work, and
/// what newer servers do about the tail.
public struct FixedUnits: Sendable {
    /// When a result counts.
    public enum Rule: String, Sendable, CaseIterable {
        /// At once.
        case fixed = "fixed units, 24 h"
        /// When two volunteers came to the same.
        case quorum = "quorum of 2"
        /// BOINC's adaptive replication: volunteers with ten valid results in a row and more are mostly believed.
        case adaptive = "adaptive replication"
    }

    private struct Unit: Sendable {
        var results: [(volunteer: Int, value: Int)] = []
        var asked: [Int] = []
        var quorum: Int
        var isDone = false
        var accepted = 0
    }

    private struct Worker: Sendable {
        let behaviour: Behaviour
        let speed: Double
        var trace: Trace
        var rate = 0.0
        var leaves = 0.0
        var isPresent = false
        var unit = -1
        var rest = 0.0
        var since = 0.0
        var stamp: UInt64 = 0
        var valid = 0
    }

    private enum Kind: Sendable {
        case arrives, leaves, finishes(stamp: UInt64), expires(unit: Int)
    }

    private struct Event: Comparable, Sendable {
        let time: Double
        let order: UInt64
        let kind: Kind
        let worker: Int

        static func < (left: Event, right: Event) -> Bool { (left.time, left.order) < (right.time, right.order) }
        static func == (left: Event, right: Event) -> Bool { left.order == right.order }
    }

    private let rule: Rule
    private let ideal: Double
    private let unitSeconds: Double
    private let deadline = 86_400.0
    private let answers: Answers
    private var random: SimulationRandom
    private var workers: [Worker]
    private var units: [Unit]
    private var queue: [Int]
    private var head = 0
    private var events = Heap<Event>()
    private var order: UInt64 = 0
    private var time = 0.0
    private var done = 0
    private var computed = 0.0
    private var ninetyNine: Double?

    /// The same job as that of ``VolunteerSimulation``, in units of an hour (of the whole job's 20th, when that is less).
    public init(_ settings: VolunteerSimulation.Settings, rule: Rule) {
        self.rule = rule
        ideal = settings.hours * 3600
        unitSeconds = min(3600, ideal / 20)
        let population = settings.population
        let work = VolunteerSimulation.capacity(population, seed: settings.seed, seconds: ideal)
        let count = max(1, Int(work / unitSeconds))
        answers = Answers(population: population, seed: settings.seed, unitSeconds: unitSeconds)
        random = SimulationRandom(seed: settings.seed ^ 0xF1)
        workers = (0..<population.volunteers).map { number in
            Worker(
                behaviour: population.behaviour(of: number, seed: settings.seed), speed: population.speed(of: number, seed: settings.seed),
                trace: Trace(churn: population.churn, volunteer: number, seed: settings.seed))
        }
        let copies = rule == .quorum ? 2 : 1
        units = Array(repeating: Unit(quorum: copies), count: count)
        queue = (0..<count).flatMap { Array(repeating: $0, count: copies) }
        for number in workers.indices { plan(number) }
    }

    /// Runs the job to its end, or for twenty times the ideal time and thirty days.
    public mutating func run() -> SimulationReport {
        while done < units.count, let event = events.popMin() {
            time = event.time
            if time > ideal * 20 + 30 * 86_400 { break }
            handle(event)
        }
        var report = SimulationReport(policy: rule.rawValue)
        report.isComplete = done == units.count
        report.makespan = time / ideal
        report.ninetyNine = (ninetyNine ?? time) / ideal
        report.executed = computed / (Double(units.count) * unitSeconds)
        report.wrongPerMillion = Double(units.count { $0.accepted != 0 }) / Double(units.count) * 1e6
        (report.units, report.unitSeconds) = (UInt64(units.count), unitSeconds)
        return report
    }

    private mutating func schedule(_ kind: Kind, _ worker: Int, at moment: Double) {
        guard moment.isFinite else { return }
        order += 1
        events.insert(Event(time: moment, order: order, kind: kind, worker: worker))
    }

    private mutating func plan(_ number: Int) {
        let next = workers[number].trace.next()
        workers[number].leaves = next.span.upperBound
        workers[number].rate = workers[number].speed * next.speed
        schedule(.arrives, number, at: next.span.lowerBound)
    }

    private mutating func handle(_ event: Event) {
        let number = event.worker
        switch event.kind {
        case .arrives:
            workers[number].isPresent = true
            schedule(.leaves, number, at: workers[number].leaves)
            if workers[number].unit < 0 { fetch(number) } else { start(number) }
        case .leaves:
            workers[number].isPresent = false
            workers[number].stamp += 1
            if workers[number].unit >= 0 {
                workers[number].rest = max(0, workers[number].rest - (time - workers[number].since) * workers[number].rate)
            }
            plan(number)
        case .finishes(let stamp):
            guard stamp == workers[number].stamp, workers[number].isPresent else { return }
            finish(number)
        case .expires(let unit):
            guard !units[unit].isDone, !units[unit].results.contains(where: { $0.volunteer == number }) else { return }
            workers[number].valid = 0
            queue.append(unit)
            serveIdle()
        }
    }

    private mutating func start(_ number: Int) {
        workers[number].stamp += 1
        workers[number].since = time
        let end = time + workers[number].rest / workers[number].rate
        schedule(.finishes(stamp: workers[number].stamp), number, at: end)
    }

    private mutating func serveIdle() {
        for number in workers.indices where workers[number].isPresent && workers[number].unit < 0 {
            guard head < queue.count else { return }
            fetch(number)
        }
    }

    /// The first of the next units in the queue that this volunteer has not had.
    private mutating func fetch(_ number: Int) {
        var place = head
        while place < min(queue.count, head + 64) {
            let unit = queue[place]
            if units[unit].isDone || units[unit].asked.contains(number) {
                if units[unit].isDone, place == head { head += 1 }
                place += 1
                continue
            }
            queue.swapAt(place, head)
            head += 1
            if rule == .adaptive, units[unit].asked.isEmpty { choose(unit, for: number) }
            units[unit].asked.append(number)
            workers[number].unit = unit
            workers[number].rest = unitSeconds
            schedule(.expires(unit: unit), number, at: time + deadline)
            return start(number)
        }
    }

    /// Whether one result of this volunteer is enough.
    private mutating func choose(_ unit: Int, for number: Int) {
        let valid = workers[number].valid
        if valid >= 10, random.uniform() < 1 - 1 / Double(valid) { return }
        units[unit].quorum = 2
        queue.append(unit)
    }

    private mutating func finish(_ number: Int) {
        let unit = workers[number].unit
        workers[number].unit = -1
        computed += unitSeconds
        let behaviour = workers[number].behaviour
        let isWrong = answers.isWrong(UInt64(unit), by: number, behaviour, at: time)
        let value = !isWrong ? 0 : behaviour == .colluding ? 1 : 2 + number
        units[unit].results.append((number, value))
        if !units[unit].isDone { validate(unit) }
        fetch(number)
    }

    private mutating func validate(_ unit: Int) {
        let (results, quorum) = (units[unit].results, units[unit].quorum)
        guard results.count >= quorum else { return }
        let agreed = results.first { one in results.count { $0.value == one.value } >= quorum }
        guard let agreed else {
            queue.append(unit)
            return serveIdle()
        }
        units[unit].isDone = true
        units[unit].accepted = agreed.value
        done += 1
        if Double(done) >= 0.99 * Double(units.count), ninetyNine == nil { ninetyNine = time }
        guard quorum > 1 else { return }
        for result in results { workers[result.volunteer].valid = result.value == agreed.value ? workers[result.volunteer].valid + 1 : 0 }
    }
}
