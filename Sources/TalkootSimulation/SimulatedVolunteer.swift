import TalkootScheduling

/// One volunteer's machine: what it holds and how far it is. It computes while it is present, in the order of its leases.
struct SimulatedVolunteer: Sendable {
    /// A lease, or what is left of it.
    struct Run: Sendable {
        let lease: LeaseID
        var next: UInt64
        var end: UInt64
        let length: UInt64
    }

    /// What is on the way to it.
    enum Letter: Sendable {
        case lease(Lease)
        case revocation(LeaseID, from: UInt64)
    }

    /// Results of it that count so far, kept of those that may lie: the units, and when they came.
    struct Taken: Sendable {
        var units: Range<UInt64>
        let time: Double
    }

    let behaviour: Behaviour
    let ownSpeed: Double
    var trace: Trace
    /// Until when it is present; how many units a second it does then.
    var leaves = 0.0
    var isPresent = false
    var rate = 0.0
    /// Whether the coordinator takes it for present.
    var isJoined = false
    var runs: [Run] = []
    /// Since when it works on the first unit of the first run.
    var since = 0.0
    /// When it looks at its work next; another time in an event is out of date.
    var wake = Double.infinity
    var mail: [(at: Double, letter: Letter)] = []
    var taken: [Taken] = []
    var hasWorked = false
    /// When it began to work without a pause, for the picture.
    var busySince: Double?

    init(_ number: Int, population: Population, seed: UInt64) {
        behaviour = population.behaviour(of: number, seed: seed)
        ownSpeed = population.speed(of: number, seed: seed)
        trace = Trace(churn: population.churn, volunteer: number, seed: seed)
    }

    /// How many units of its first run are finished at `time` and not handed in.
    func finished(at time: Double) -> UInt64 {
        guard let run = runs.first, time > since else { return 0 }
        return min(run.end - run.next, UInt64(max(0, (time - since) * rate + 1e-6)))
    }

    /// What it computed of the first run until `time`, in units.
    func computed(at time: Double) -> Double {
        guard let run = runs.first else { return 0 }
        return min(Double(run.end - run.next), max(0, (time - since) * rate))
    }

    /// Makes the results in `ranges` void.
    mutating func forget(_ ranges: [Range<UInt64>]) {
        for range in ranges {
            taken = taken.flatMap { old -> [Taken] in
                guard old.units.overlaps(range) else { return [old] }
                let head = old.units.lowerBound..<max(old.units.lowerBound, min(range.lowerBound, old.units.upperBound))
                let tail = min(old.units.upperBound, max(range.upperBound, old.units.lowerBound))..<old.units.upperBound
                return [head, tail].filter { !$0.isEmpty }.map { Taken(units: $0, time: old.time) }
            }
        }
    }
}
