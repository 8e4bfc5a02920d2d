import Glibc
import TalkootScheduling

/// What happens to a simulated cluster, all drawn from one number.
struct ClusterPlan: Sendable {
    /// How the network treats bytes.
    struct Network: Sendable {
        /// One way, in seconds, give or take a half.
        var delaySeconds: Double
        /// The share of pieces that are lost and sent again, 0.2 to 3.2 s later.
        var loss: Double
        /// The share of pieces that are cut in two.
        var cutting: Double
    }

    /// What a volunteer does with units.
    enum Role: Hashable, Sendable {
        case honest
        /// Wrong in this share of the units, on its own.
        case lying(Double)
        /// Wrong in this share of the units, the same way as others.
        case colluding(Double)
    }

    struct Volunteer: Sendable {
        let role: Role
        let slots: Int
        let unitSeconds: Double
        /// How many units it hands in at once.
        let commitUnits: UInt64
        /// The share of units at which its cell fails for no reason of the unit's.
        let flakiness: Double
    }

    enum Fault: Hashable, Sendable {
        /// Nothing gets through between a volunteer and the coordinator for so long.
        case stall(Int, seconds: Double)
        /// The same for all volunteers.
        case partition(seconds: Double)
        /// The connection is reset; what is under way is lost.
        case reset(Int)
        /// A process is gone at once and comes back; whether the other end is told.
        case killVolunteer(Int, seconds: Double, isSeen: Bool)
        case killCoordinator(seconds: Double, isSeen: Bool)
        /// A volunteer's owner wants his machine for himself.
        case release(Int)
    }

    let seed: UInt64
    let units: UInt64
    let level: VerificationPolicy.Level
    let network: Network
    let volunteers: [Volunteer]
    /// A unit that fails wherever it is run.
    let poison: UInt64?
    let faults: [(at: Double, fault: Fault)]
    /// How long a group of results takes to the disk, in seconds.
    let syncSeconds: Double

    init(seed: UInt64) {
        var random = SimulationRandom(seed: SimulationRandom.mix(seed &+ 0xC105))
        func pick<Value>(_ values: [Value]) -> Value { values[Int(random.uniform() * Double(values.count))] }
        self.seed = seed
        units = 1 + UInt64(random.uniform() * 120)
        level = pick([.none, .audit, .audit, .strict])
        network = Network(
            delaySeconds: pick([0.0001, 0.01, 0.1, 0.5]), loss: pick([0, 0.01, 0.1]), cutting: pick([0, 0.1, 0.5]))
        let unitSeconds: Double = pick([0.03, 0.3, 3])
        let rate: Double = pick([0.05, 0.3, 1])
        var colluders = 0
        volunteers = (0..<3 + Int(random.uniform() * 4)).map { number in
            var role = Role.honest
            if number >= 3, random.uniform() < 0.5 {
                role = colluders == 0 && random.uniform() < 0.5 ? .colluding(rate) : .lying(rate)
                if case .colluding = role { colluders += 1 }
            }
            return Volunteer(
                role: role, slots: 1 + Int(random.uniform() * 2), unitSeconds: unitSeconds * exp(1.4 * (2 * random.uniform() - 1)),
                commitUnits: 1 + UInt64(random.uniform() * 6), flakiness: random.uniform() < 0.2 ? 0.03 : 0)
        }
        poison = random.uniform() < 0.2 ? UInt64(random.uniform() * Double(units)) : nil
        syncSeconds = pick([0.001, 0.008, 0.2])
        let span = 5 + 2 * Double(units) * unitSeconds / Double(volunteers.count)
        let crowd = volunteers.count
        faults = (0..<Int(random.uniform() * 12)).map { _ in
            (random.uniform() * span, Self.fault(crowd, &random))
        }
    }

    private static func fault(_ crowd: Int, _ random: inout SimulationRandom) -> Fault {
        let volunteer = Int(random.uniform() * Double(crowd))
        let seconds = 0.1 * exp(6.9 * random.uniform())
        let isSeen = random.uniform() < 0.5
        switch Int(random.uniform() * 7) {
        case 0: return .stall(volunteer, seconds: seconds)
        case 1: return .partition(seconds: seconds)
        case 2: return .reset(volunteer)
        case 3, 4: return .killVolunteer(volunteer, seconds: seconds, isSeen: isSeen)
        case 5: return .killCoordinator(seconds: seconds, isSeen: isSeen)
        default: return .release(volunteer)
        }
    }
}
