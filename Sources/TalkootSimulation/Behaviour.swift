import TalkootScheduling

/// What a simulated volunteer answers.
enum Behaviour: Sendable {
    /// Right, apart from the errors of sound hardware: one in a million hours.
    case honest
    /// Wrong once in so many hours of work, each time differently: a machine that is overheated or has bad memory.
    case sloppy
    /// Wrong on purpose for a share of the units, the same way as all other colluders.
    case colluding
}

/// The volunteers of a simulation.
public struct Population: Hashable, Sendable {
    /// How many.
    public var volunteers = 1000
    /// When they are there.
    public var churn = Churn.seti
    /// The spread of their speeds: the sigma of a log-normal distribution with median 1.
    public var speedSigma = 0.8
    /// The share of sloppy machines.
    public var sloppyShare = 0.015
    /// How often they err, in errors an hour of a machine of speed 1.
    public var sloppyErrorsPerHour = 0.01
    /// The share of colluders.
    public var colludingShare = 0.005
    /// Of which share of the units they lie.
    public var sabotageRate = 1.0
    /// For how many hours of the job colluders behave.
    public var sleepHours = 0.0
    /// Whether colluders also call right results of others wrong.
    public var frames = false

    /// A thousand volunteers as SETI@home's, 98% of them honest.
    public init() {}

    func behaviour(of volunteer: Int, seed: UInt64) -> Behaviour {
        let dice = Double(SimulationRandom.mix(seed ^ 0xB0A7 &+ UInt64(volunteer) << 20) >> 11) * 0x1p-53
        return dice < colludingShare ? .colluding : dice < colludingShare + sloppyShare ? .sloppy : .honest
    }

    func speed(of volunteer: Int, seed: UInt64) -> Double {
        var random = SimulationRandom(seed: SimulationRandom.mix(seed ^ 0x5EED) &+ UInt64(volunteer))
        return random.logNormal(mu: 0, sigma: speedSigma)
    }
}

/// What each volunteer's result of a unit is.
struct Answers: Sendable {
    let population: Population
    let seed: UInt64
    let unitSeconds: Double

    /// Whether a volunteer's own result for a unit is wrong, when it makes it `at` that many seconds into the job.
    func isWrong(_ unit: UInt64, by volunteer: Int, _ behaviour: Behaviour, at time: Double) -> Bool {
        let chance: Double
        let word = SimulationRandom.mix((unit ^ seed &* 0x9E37_79B9_7F4A_7C15) &+ 0xD1CE)
        switch behaviour {
        case .honest: chance = 1e-6 * unitSeconds / 3600
        case .sloppy: chance = min(1, population.sloppyErrorsPerHour * unitSeconds / 3600)
        case .colluding:
            guard time >= population.sleepHours * 3600 else { return false }
            return Self.share(SimulationRandom.mix(word)) < population.sabotageRate
        }
        return Self.share(SimulationRandom.mix(word &+ UInt64(volunteer))) < chance
    }

    /// What it sends: the right result, a wrong one of its own, or that on which the colluders agreed.
    func result(_ unit: UInt64, by volunteer: Int, _ behaviour: Behaviour, at time: Double, leaseUnits: UInt64) -> ResultDigest {
        let mayBeCheck = leaseUnits <= 2
        let lies = population.frames && mayBeCheck && behaviour == .colluding && time >= population.sleepHours * 3600
        guard lies || isWrong(unit, by: volunteer, behaviour, at: time) else { return ResultDigest(unit, 0) }
        return ResultDigest(unit, behaviour == .colluding ? 1 : 2 + UInt64(volunteer))
    }

    private static func share(_ word: UInt64) -> Double { Double(word >> 11) * 0x1p-53 }
}
