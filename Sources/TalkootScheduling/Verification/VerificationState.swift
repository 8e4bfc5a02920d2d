/// What a job knows about the honesty of its owners.
struct VerificationState: Sendable {
    /// A check that the requester's machine was asked for; without a slot once nobody needs it any more.
    struct OwnRun: Sendable {
        let units: Range<UInt64>
        var slot: Int?
    }

    var standings: [OwnerID: Standing] = [:]
    var checks = CheckTable()
    /// Units that somebody went on with from what another owner's run of them left behind: they are all checked, each for itself, and
    /// nobody is blamed for them, since nobody knows which of the two is wrong.
    var continued = UnitSet()
    /// Units that were accepted and are not durable yet: their audits are not drawn.
    var unwritten: UInt64 = 0
    var ownRuns: [OwnRun] = []
    var counts = VerificationCounts()
    var known = KnownAnswers()
    /// The escrow window, counted from the start.
    var window = 0
    /// How many owners are banned or in quarantine.
    var convicted = 0

    /// Whether nothing waits for a verdict.
    var isSettled: Bool { unwritten == 0 && checks.count == 0 }
}
