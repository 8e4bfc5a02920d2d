/// What a requester's coordinator signs for the units of a volunteer that stand: so much credit, for this.
///
/// The receipts of one issuer to one volunteer are a chain: each has the number after the one before and that one's digest. What is
/// signed is ``statement``, a text that anybody can write again.
public struct Receipt: Hashable, Sendable {
    /// The most runs of units in one receipt; a job that needs more gets several.
    public static let runsLimit = 256
    /// The longest name of a volunteer, in bytes.
    public static let nameBytes = 200
    /// The most that one receipt can be worth, in micro-credits: about thirty years of a processor.
    public static let microcreditsLimit: UInt64 = 1_000_000_000_000_000

    /// The key of the coordinator that signs.
    public var issuer: PeerID
    /// That key itself: SubjectPublicKeyInfo, DER.
    public var key: [UInt8]
    /// 1 for the issuer's first receipt to this volunteer, then one more each.
    public var number: UInt64
    /// The digest of the receipt before; 64 zeros for the first.
    public var previous: Digest
    /// The account of the volunteer, who answers for all its machines.
    public var volunteer: String
    /// The job.
    public var job: JobID
    /// The module that the units ran.
    public var module: Digest
    /// The units, in runs that ascend and do not touch; not empty.
    public var units: [Range<UInt64>]
    /// What they are worth: a credit is a second of the requester's own processor, as measured there.
    public var microcredits: UInt64
    /// When it was signed, in seconds since 1970 (UTC).
    public var time: Int64
    /// The signature of ``statement``: ECDSA over P-256 with SHA-256, 64 bytes.
    public var signature: [UInt8] = []

    /// A receipt that is not signed yet.
    public init(
        issuer: PeerID, key: [UInt8], number: UInt64, previous: Digest, volunteer: String, job: JobID, module: Digest,
        units: [Range<UInt64>], microcredits: UInt64, time: Int64
    ) {
        (self.issuer, self.key, self.number, self.previous) = (issuer, key, number, previous)
        (self.volunteer, self.job, self.module, self.units) = (volunteer, job, module, units)
        (self.microcredits, self.time) = (microcredits, time)
    }

    /// The runs of units as text: `0-99 120-120`, first and last of each.
    public var unitsText: String { units.map { "\($0.lowerBound)-\($0.upperBound - 1)" }.joined(separator: " ") }

    /// How many units; at most what 64 bits hold, whatever somebody wrote.
    public var unitCount: UInt64 {
        units.reduce(0) { sum, run in
            let (next, isOver) = sum.addingReportingOverflow(run.upperBound - run.lowerBound)
            return isOver ? .max : next
        }
    }

    /// What is signed.
    public var statement: [UInt8] {
        Array(
            """
            talkoot receipt 1
            issuer \(issuer)
            number \(number)
            previous \(previous)
            volunteer \(volunteer)
            job \(job)
            module \(module)
            units \(unitsText)
            microcredits \(microcredits)
            time \(time)

            """.utf8)
    }

    /// What in it cannot be, whoever signed it; `nil` when nothing. O(runs).
    public var fault: String? {
        if number == 0 { return "it has no number" }
        let isPrintable = volunteer.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        if volunteer.isEmpty || volunteer.utf8.count > Self.nameBytes || !isPrintable { return "its volunteer has no proper name" }
        if units.isEmpty || units.count > Self.runsLimit { return "it has no units, or too many runs of them" }
        if units.contains(where: \.isEmpty) || zip(units, units.dropFirst()).contains(where: { $0.upperBound >= $1.lowerBound }) {
            return "its units do not ascend"
        }
        if microcredits == 0 || microcredits > Self.microcreditsLimit { return "it is worth nothing, or too much" }
        return time > 0 ? nil : "it has no date"
    }

    /// Reads what ``unitsText`` gives; `nil` for anything else, and for more than ``runsLimit`` runs.
    public static func units(_ text: String) -> [Range<UInt64>]? {
        let words = text.split(separator: " ", maxSplits: runsLimit, omittingEmptySubsequences: false)
        guard words.count <= runsLimit else { return nil }
        var units: [Range<UInt64>] = []
        for word in words {
            let ends = word.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }), let first = UInt64(ends[0]),
                let last = UInt64(ends[1]), first <= last, last < .max
            else { return nil }
            units.append(first..<last + 1)
        }
        return units
    }
}
