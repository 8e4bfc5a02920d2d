import TalkootCoordinator
import TalkootCore
import TalkootStore

/// How a job's results were verified, as `--json` shows it. The secret comes out once the job is over.
struct VerificationReport: Codable, Sendable {
    var level: String
    var seedDigest: Digest
    var seed: String?
    var unitsChecked: UInt64
    var ownRuns: UInt64
    var unitsVoided: UInt64
    var convictions: [JobVerification.Conviction]

    /// Describes verification; `isOver` says whether the secret may be told.
    init(_ verification: JobVerification, isOver: Bool) {
        (level, seedDigest) = (verification.level, verification.seedDigest)
        (unitsChecked, ownRuns, unitsVoided) = (verification.unitsChecked, verification.ownRuns, verification.unitsVoided)
        convictions = verification.convictions
        seed = isOver ? verification.seed.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() : nil
    }

    /// For a person, a line each.
    var lines: [String] {
        let how = "verified   \(level), audits drawn with the secret of SHA-256 \(seedDigest.short), \(unitsChecked) units run again"
        return [how] + convictions.prefix(20).map { "           \($0.volunteer) \($0.words)" }
    }
}
