/// How results of strangers are verified before they count, and the figures that steer it.
///
/// The error that remains at the rate q, with audited blocks of w seconds and hosts that contribute H seconds each, is at most
/// f w / (e q H) for a share f of bad hosts (Sarmenta's spot checks with backtracking): small blocks are what makes it cheap.
public struct VerificationPolicy: Hashable, Sendable {
    /// How much is checked.
    public enum Level: String, Hashable, Sendable, CaseIterable, Codable {
        /// Every commit is final as soon as it is durable.
        case none
        /// A secret sample of every owner's work is run again by others.
        case audit
        /// Everything is run by two owners.
        case strict
        /// Everything is run by three owners.
        case triple
    }

    /// How much is checked.
    public var level: Level
    /// The share of an owner's work that is checked at ``Level/audit``, once it has been seen.
    public var auditRate = 0.03
    /// This many first units of an owner are all checked, so that nobody is believed unseen.
    public var firstUnits: UInt64 = 5
    /// An audit covers neighbouring units that take about this long together, in seconds; one unit when that takes longer.
    public var auditSeconds = 0.2
    /// A check at ``Level/strict`` and ``Level/triple`` covers units of about this long, in seconds.
    public var pairingSeconds = 5.0
    /// At most this share of an owner's time goes into checks of others while there is other work; pairing knows no such bound.
    public var checkShare = 0.25
    /// Hosts slower than this share of the median check nothing, since they would keep others waiting.
    public var checkerSpeed = 0.4

    /// Who has passed so many checks may decide a dispute.
    public var arbiterPasses: UInt32 = 20
    /// So many arbiters that agree decide a dispute,
    public var arbiters = 2
    /// and so many while more than ``attackShare`` of the owners stand convicted.
    public var arbitersUnderAttack = 5
    /// The share of convicted owners from which on there is an attack.
    public var attackShare = 0.02
    /// A dispute that has so many votes and no decision ends with the unit being run anew.
    public var maximumVotes = 16
    /// Who is in quarantine leaves it after so many checks without a fault.
    public var cleanChecks: UInt32 = 20

    /// An owner that has passed fewer checks than this has at most ``newOwnerShare`` of the hosts at work,
    public var newOwnerPasses: UInt32 = 100
    /// while there are at least ``newOwnerPool`` owners.
    public var newOwnerShare = 0.02
    /// The pool from which on new owners are held back.
    public var newOwnerPool = 100

    /// A conviction takes back all work that is younger than this, in seconds (up to twice as old, since windows are whole).
    public var escrowSeconds = 86_400.0
    /// While so many checks are open nothing new is given out: they are what takes memory, about 200 bytes each.
    public var maximumChecks = 262_144
    /// Volunteers decide disputes only while so many wait for the requester's machine.
    public var ownMachineDisputes = 256
    /// How many checks the requester's machine is asked for at once; 0 when it cannot run units.
    public var ownMachineChecks = 0
    /// Whether only machines of the same kind may check each other: results that are equal bit by bit on equal machines only.
    public var isHomogeneous = false
    /// The kind of the requester's machine.
    public var ownKind: UInt64 = 0
    /// What the audits are drawn with; secret until the job is over.
    public var seed: AuditSeed

    /// The defaults of a level.
    public init(_ level: Level = .none, seed: AuditSeed = AuditSeed(0, 0)) {
        self.level = level
        self.seed = seed
    }

    /// Whether the block of an owner's units that begins with this one is drawn to be audited: who is told the seed when the job is over
    /// can repeat the draw.
    public func isDrawn(_ unit: UInt64, of owner: OwnerID) -> Bool {
        seed.draw(unit, owner.rawValue) < UInt64(min(max(auditRate, 0), 0.999_999) * 0x1p64)
    }

    /// The rate of audits that leaves at most `wrongPerMillion` wrong units however often liars lie: f N / (e eps M), at least 1%.
    /// Nil when it would be above 25%: then everything run twice is the better choice.
    ///
    /// `badShare` is the share of owners that may be bad, `owners` how many take part in the job, `units` how many audited blocks it has.
    public static func auditRate(badShare: Double = 0.02, owners: Int, units: UInt64, wrongPerMillion: Double = 1) -> Double? {
        let rate = badShare * Double(owners) / (2.718_281_828 * wrongPerMillion / 1e6 * Double(max(1, units)))
        return rate > 0.25 ? nil : max(rate, 0.01)
    }

    /// How many others must come to the same result.
    var confirmations: Int { level == .triple ? 2 : 1 }
    /// Whether everything is checked.
    var checksEverything: Bool { level == .strict || level == .triple }
}
