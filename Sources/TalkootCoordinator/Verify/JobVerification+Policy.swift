import TalkootCore
import TalkootPackaging
import TalkootScheduling
import TalkootStore

extension JobVerification {
    /// What a new job begins with: a secret of its own.
    init?(_ level: VerificationPolicy.Level) {
        guard level != .none else { return nil }
        var generator = SystemRandomNumberGenerator()
        let seed = AuditSeed.random(using: &generator).bytes
        self.init(level: level.rawValue, seed: seed, seedDigest: Hashing.sha256(seed))
    }

    /// What the scheduler goes by.
    var policy: VerificationPolicy {
        func word(_ from: Int) -> UInt64 {
            seed.dropFirst(from).prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << (8 * $1.offset) }
        }
        var policy = VerificationPolicy(VerificationPolicy.Level(rawValue: level) ?? .strict, seed: AuditSeed(word(0), word(8)))
        policy.ownMachineChecks = CoordinatorLimits.ownChecks
        return policy
    }

    /// Takes over the figures at the end of a run, on top of those of earlier runs.
    mutating func add(_ counts: VerificationCounts) {
        checksPassed += counts.passed
        unitsChecked += counts.unitsChecked
        ownRuns += counts.ownRuns
        unitsVoided += counts.unitsVoided
    }
}

extension Conviction {
    /// For the job's record.
    func record(of volunteer: String) -> JobVerification.Conviction {
        JobVerification.Conviction(
            volunteer: volunteer, ground: ground.rawValue, firstUnit: units.lowerBound, lastUnit: units.upperBound - 1,
            unitsVoided: unitsVoided, time: WallClock.secondsSince1970(), isBan: isBan)
    }
}
