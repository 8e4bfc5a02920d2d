/// When volunteers' machines are there, as fits to traces of SETI@home say (Javadi, Kondo, Vincent, Anderson 2011; the parameters
/// are those of public ComBoS scenario files).
public enum Churn: String, Sendable, CaseIterable {
    /// One fit of all hosts: present Weibull(0.393, 2.964 h), absent log-normal(-0.586, 2.844): there 42% of the time.
    case seti
    /// Six classes of hosts, a sixth of the hosts each: there 26% to 92% of the time.
    case classes
    /// Machines of an office: present Weibull(0.7, 8 h), absent log-normal(0, 1): there 86% of the time.
    case mild
    /// Always there.
    case none

    /// How long a machine is present now, in seconds.
    func presence(of volunteer: Int, _ random: inout SimulationRandom) -> Double {
        switch self {
        case .seti: return 3600 * random.weibull(shape: 0.393, scale: 2.964)
        case .mild: return 3600 * random.weibull(shape: 0.7, scale: 8)
        case .none: return .infinity
        case .classes:
            let kind = Self.kinds[volunteer % 6]
            if volunteer % 6 == 2 { return 3600 * random.weibull(shape: kind.shape, scale: kind.scale) }
            return 3600 * random.gamma(shape: kind.shape, scale: kind.scale)
        }
    }

    /// How long it stays away then, in seconds.
    func absence(of volunteer: Int, _ random: inout SimulationRandom) -> Double {
        switch self {
        case .seti: return 3600 * random.logNormal(mu: -0.586, sigma: 2.844)
        case .mild: return 3600 * random.logNormal(mu: 0, sigma: 1)
        case .none: return 0
        case .classes:
            let kind = Self.kinds[volunteer % 6]
            let dice = random.uniform()
            let phase = dice < kind.chances.0 ? 0 : dice < kind.chances.0 + kind.chances.1 ? 1 : 2
            return 3600 * random.exponential(rate: phase == 0 ? kind.rates.0 : phase == 1 ? kind.rates.1 : kind.rates.2)
        }
    }

    private struct Kind {
        /// Of the gamma distribution of presence in hours; of the third kind's Weibull distribution.
        let shape, scale: Double
        /// Of the three-phase hyper-exponential distribution of absence in hours.
        let chances: (Double, Double)
        let rates: (Double, Double, Double)
    }

    private static let kinds = [
        Kind(shape: 0.289, scale: 311.7, chances: (0.141, 0.683), rates: (0.008, 37.8, 1.01)),
        Kind(shape: 0.340, scale: 152.2, chances: (0.142, 0.660), rates: (0.013, 30.6, 0.777)),
        Kind(shape: 0.431, scale: 1.682, chances: (0.398, 0.305), rates: (0.031, 11.6, 1.32)),
        Kind(shape: 0.357, scale: 371.6, chances: (0.106, 0.743), rates: (0.009, 45.2, 0.961)),
        Kind(shape: 0.342, scale: 89.2, chances: (0.179, 0.566), rates: (0.016, 27.6, 0.536)),
        Kind(shape: 0.357, scale: 43.65, chances: (0.338, 0.390), rates: (0.029, 30.1, 1.07)),
    ]
}

/// One machine's presences, the same for the same seed: a sequence of spans in seconds from the start.
struct Trace: Sendable {
    private var random: SimulationRandom
    private let churn: Churn
    private let volunteer: Int
    private var end: Double
    private var isFirst = true

    init(churn: Churn, volunteer: Int, seed: UInt64) {
        random = SimulationRandom(seed: SimulationRandom.mix(seed &+ UInt64(volunteer) &* 0x9E37_79B9))
        self.churn = churn
        self.volunteer = volunteer
        end = 0
    }

    /// The next presence, with how fast the machine is in it, 1 on average. The first began before the start.
    mutating func next() -> (span: Range<Double>, speed: Double) {
        var start = end
        if isFirst {
            isFirst = false
            // Some way into its history, so that not all begin at once.
            start = -random.uniform() * 20 * 86_400
            end = start + churn.presence(of: volunteer, &random)
            while end < 0 {
                start = end + churn.absence(of: volunteer, &random)
                end = start + churn.presence(of: volunteer, &random)
            }
        } else {
            start += churn.absence(of: volunteer, &random)
            end = start + churn.presence(of: volunteer, &random)
        }
        return (max(0, start)..<max(end, 0, start), random.logNormal(mu: -0.011, sigma: 0.15))
    }
}
