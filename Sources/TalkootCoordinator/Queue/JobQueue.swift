public import TalkootCore
import TalkootScheduling

/// Which of a coordinator's jobs run at the moment. Pure: events and the time in, effects out.
///
/// There are a few seats, and each running job has one. Requesters share them by the clocks of ``FairShare``: the seconds that their jobs
/// sat, divided by their shares. The requester with the least goes first; among its own jobs priority decides, then the
/// nearer deadline, then age. A job that runs keeps its seat for ``turnSeconds`` at least, unless a job of the same requester with a higher priority comes.
public struct JobQueue: Sendable {
    /// A job as the queue sees it.
    public struct Entry: Hashable, Sendable {
        /// The job.
        public var id: JobID
        /// Whose it is.
        public var requester: String
        /// Jobs of one requester with a higher one go first.
        public var priority: Int
        /// When it must be finished, in seconds since 1970.
        public var deadline: Int64?
        /// When it was submitted, in seconds since 1970.
        public var created: Int64

        /// Describes a job.
        public init(id: JobID, requester: String, priority: Int = 0, deadline: Int64? = nil, created: Int64) {
            (self.id, self.requester, self.priority, self.deadline, self.created) = (id, requester, priority, deadline, created)
        }

        /// Whether it goes before another job of the same requester.
        func precedes(_ other: Entry) -> Bool {
            if priority != other.priority { return priority > other.priority }
            let (own, others) = (deadline ?? .max, other.deadline ?? .max)
            return (own, created, id) < (others, other.created, other.id)
        }
    }

    /// What the caller must do.
    public enum Effect: Hashable, Sendable {
        /// Work on the job, in this seat.
        case start(JobID, seat: Int)
        /// Stop working on it and answer with ``JobQueue/stopped(_:at:)``: the other one goes first.
        case stop(JobID, because: JobID)
    }

    /// How long a job keeps its seat when others wait, in seconds.
    public static let turnSeconds = 20.0
    /// The most jobs that run or wait.
    public static let limit = 10_000

    private enum Place: Hashable, Sendable {
        case waiting
        case running(seat: Int, since: Tick)
        /// It was told to stop.
        case stopping(seat: Int)

        var seat: Int? {
            switch self {
            case .waiting: nil
            case .running(let seat, _), .stopping(let seat): seat
            }
        }
    }

    private let seats: Int
    private var entries: [JobID: Entry] = [:]
    private var places: [JobID: Place] = [:]
    /// Each requester's clock, and the number by which it is known there.
    private var fairShare = FairShare()
    private var numbers: [String: RequesterID] = [:]
    private var lastNumber: UInt64 = 0
    private let shares: [String: Double]
    private var now: Tick

    /// A queue with this many seats. Requesters have a share of 1 unless `shares` says otherwise.
    public init(seats: Int, shares: [String: Double] = [:], at now: Tick) {
        precondition(seats > 0, "a queue has a seat at least")
        (self.seats, self.shares, self.now) = (seats, shares, now)
    }

    /// How many jobs run or wait.
    public var count: Int { entries.count }
    /// The jobs that sit, and those that wait in the order in which they would start.
    public var running: [JobID] { places.filter { $0.value != .waiting }.map(\.key) }
    /// The jobs that wait, in the order in which they would start were nothing else to come.
    public var waiting: [JobID] { order().filter { places[$0] == .waiting } }

    /// The nearest deadline of a job that waits, in seconds since 1970.
    public var nearestDeadline: Int64? { entries.values.filter { places[$0.id] == .waiting }.compactMap(\.deadline).min() }

    /// The jobs that wait and should have been finished by this time, in seconds since 1970.
    public func overdue(at seconds: Int64) -> [JobID] {
        entries.values.filter { places[$0.id] == .waiting && $0.deadline ?? .max <= seconds }.map(\.id).sorted()
    }

    /// When ``advance(to:)`` has something to decide, unless an event comes before; `nil` for never.
    public var nextDeadline: Tick? {
        guard places.values.contains(.waiting) else { return nil }
        let turns = places.values.compactMap { place in
            if case .running(_, let since) = place { since.advanced(bySeconds: Self.turnSeconds) } else { nil }
        }
        return turns.map { max($0, now.advanced(bySeconds: 1)) }.min()
    }

    /// A job wants to run. Does nothing when it is there already, or when there are ``limit`` others.
    public mutating func add(_ entry: Entry, at time: Tick) -> [Effect] {
        pass(to: time)
        guard entries[entry.id] == nil, entries.count < Self.limit else { return [] }
        fairShare.add(entry.id, of: number(of: entry.requester), share: share(of: entry.requester), priority: entry.priority)
        entries[entry.id] = entry
        places[entry.id] = .waiting
        return decide()
    }

    /// A job is over, or is not to run any more: a job that runs must have been stopped by the caller.
    public mutating func remove(_ id: JobID, at time: Tick) -> [Effect] {
        pass(to: time)
        guard let entry = entries.removeValue(forKey: id) else { return [] }
        places[id] = nil
        fairShare.remove(id)
        // A requester who comes back soon finds his clock as he left it.
        if numbers.count > Self.limit {
            let present = Set(entries.values.map(\.requester))
            numbers = numbers.filter { present.contains($0.key) || $0.key == entry.requester }
        }
        return decide()
    }

    /// A job that was told to stop, or that stopped of its own, waits again.
    public mutating func stopped(_ id: JobID, at time: Tick) -> [Effect] {
        pass(to: time)
        guard entries[id] != nil else { return [] }
        places[id] = .waiting
        return decide()
    }

    /// Time has passed: turns may be over.
    public mutating func advance(to time: Tick) -> [Effect] {
        pass(to: time)
        return decide()
    }

    // MARK: Deciding

    private mutating func pass(to time: Tick) {
        let seconds = max(0, time.seconds(since: now))
        now = max(now, time)
        for (id, place) in places where place != .waiting { fairShare.charge(id, seconds: seconds) }
    }

    private func share(of requester: String) -> Double { max(1e-6, shares[requester] ?? 1) }

    private mutating func number(of requester: String) -> RequesterID {
        if let known = numbers[requester] { return known }
        lastNumber += 1
        numbers[requester] = RequesterID(rawValue: lastNumber)
        return RequesterID(rawValue: lastNumber)
    }

    /// All jobs, those first that should sit. Each seat a requester gets counts as a turn, so that seats go round.
    private func order() -> [JobID] {
        var queues: [String: [Entry]] = Dictionary(grouping: entries.values, by: \.requester).mapValues { $0.sorted { $1.precedes($0) } }
        var virtual = queues.mapValues { $0.last.flatMap { fairShare.time(of: $0.id) } ?? 0 }
        var result: [JobID] = []
        while !queues.isEmpty {
            let next = queues.min { left, right in
                (key(left, virtual), left.value.last?.created ?? 0, left.key) < (
                    key(right, virtual), right.value.last?.created ?? 0, right.key
                )
            }
            guard let (requester, queue) = next, let entry = queue.last else { break }
            result.append(entry.id)
            virtual[requester, default: 0] += Self.turnSeconds / share(of: requester)
            queues[requester] = queue.count > 1 ? queue.dropLast() : nil
        }
        return result
    }

    /// A requester whose next job runs has a turn's advantage, so that seats do not change hands for nothing.
    private func key(_ queue: (key: String, value: [Entry]), _ virtual: [String: Double]) -> Double {
        let isRunning = queue.value.last.map { places[$0.id] != .waiting } ?? false
        return virtual[queue.key, default: 0] - (isRunning ? Self.turnSeconds : 0)
    }

    private mutating func decide() -> [Effect] {
        let order = order()
        let wanted = order.prefix(seats)
        var vacant = Set(0..<seats).subtracting(places.values.compactMap(\.seat))
        var stopping = places.values.count { if case .stopping = $0 { true } else { false } }
        var effects: [Effect] = []
        for id in wanted where places[id] == .waiting {
            if let seat = vacant.min() {
                vacant.remove(seat)
                places[id] = .running(seat: seat, since: now)
                effects.append(.start(id, seat: seat))
            } else if stopping > 0 {
                stopping -= 1
            } else if let loser = order.dropFirst(seats).reversed().first(where: { mustYield($0, to: id) }), let seat = places[loser]?.seat
            {
                places[loser] = .stopping(seat: seat)
                effects.append(.stop(loser, because: id))
            }
        }
        return effects
    }

    private func mustYield(_ id: JobID, to other: JobID) -> Bool {
        guard case .running(_, let since) = places[id], let entry = entries[id], let rival = entries[other] else { return false }
        if rival.requester == entry.requester { return rival.priority > entry.priority }
        return now.seconds(since: since) >= Self.turnSeconds
    }
}
