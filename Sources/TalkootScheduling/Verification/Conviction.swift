/// What an owner was convicted of.
public struct Conviction: Hashable, Sendable {
    /// Why.
    public enum Ground: String, Hashable, Sendable, Codable {
        /// One wrong result that nobody else came to: a machine that computes wrongly, or a liar on his own. It is checked on
        /// everything from now on.
        case wrong
        /// Wrong once more after that. It gets no more work.
        case wrongAgain
        /// The same wrong result as somebody else. Both get no more work.
        case collusion
    }

    /// Who.
    public let owner: OwnerID
    /// Why.
    public let ground: Ground
    /// The units whose result was wrong, its own or one that it said to be wrong.
    public let units: Range<UInt64>
    /// How many units were taken back from it: all that was not final yet.
    public let unitsVoided: UInt64

    /// Whether it gets no more work.
    public var isBan: Bool { ground != .wrong }
}

/// How verification stands.
public struct VerificationCounts: Hashable, Sendable, Codable {
    /// Checks that found two or more owners agree.
    public var passed: UInt64 = 0
    /// Units that were run again by these checks.
    public var unitsChecked: UInt64 = 0
    /// Checks that found them differ.
    public var disputes: UInt64 = 0
    /// Units whose result was known, and that a host did right.
    public var knownAnswers: UInt64 = 0
    /// Checks and disputes that the requester's own machine ran.
    public var ownRuns: UInt64 = 0
    /// Convictions.
    public var convictions: UInt64 = 0
    /// Units whose results were taken back.
    public var unitsVoided: UInt64 = 0

    /// Nothing yet.
    public init() {}
}
