public import TalkootCore

/// How a job's results are verified, and what came of it: part of its record.
public struct JobVerification: Hashable, Sendable, Codable {
    /// A volunteer that gave a wrong result.
    public struct Conviction: Hashable, Sendable, Codable {
        /// Its account name or address.
        public var volunteer: String
        /// `wrong`, `wrongAgain` or `collusion`.
        public var ground: String
        /// The first and the last of the units whose result was wrong, its own or somebody's that it said to be wrong.
        public var firstUnit: UInt64
        /// The last of them.
        public var lastUnit: UInt64
        /// How many units were taken back from it.
        public var unitsVoided: UInt64
        /// When, in seconds since 1970 (UTC).
        public var time: Int64
        /// Whether it gets no more work from this job.
        public var isBan: Bool

        /// Describes a conviction.
        public init(
            volunteer: String, ground: String, firstUnit: UInt64, lastUnit: UInt64, unitsVoided: UInt64, time: Int64, isBan: Bool
        ) {
            (self.volunteer, self.ground, self.firstUnit, self.lastUnit) = (volunteer, ground, firstUnit, lastUnit)
            (self.unitsVoided, self.time, self.isBan) = (unitsVoided, time, isBan)
        }
    }

    /// The most convictions that are kept.
    public static let maximumConvictions = 1000

    /// `audit`, `strict` or `triple`.
    public var level: String
    /// The secret that audits are drawn with: 16 bytes, nobody's but the requester's until the job is over.
    public var seed: [UInt8]
    /// Its SHA-256, which may be published at the start: who is told the seed afterwards can repeat every draw.
    public var seedDigest: Digest
    /// Who gave wrong results, in the order in which it was found out; the first ``maximumConvictions``.
    public var convictions: [Conviction] = []
    /// Checks whose results agreed, and units that were run again for them. Written at the end.
    public var checksPassed: UInt64 = 0
    /// Units that were run again by these checks.
    public var unitsChecked: UInt64 = 0
    /// Checks that the requester's own machine ran.
    public var ownRuns: UInt64 = 0
    /// Units whose results were taken back.
    public var unitsVoided: UInt64 = 0

    /// Verification that has just begun.
    public init(level: String, seed: [UInt8], seedDigest: Digest) {
        (self.level, self.seed, self.seedDigest) = (level, seed, seedDigest)
    }
}
