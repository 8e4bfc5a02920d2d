/// What a job knows about the honesty of its owners.
struct VerificationState: Sendable {
    /// A check that the requester's machine was asked for; without a slot once nobody needs it any more.
    struct OwnRun: Sendable {
        let units: Range<UInt64>
        var slot: Int?
    }

    var standings: [OwnerID: Standing] = [:]
    var checks = CheckTable()
    /// Units that were accepted and are not durable yet: their audits are not drawn.
    var unwritten: UInt64 = 0
    var ownRuns: [OwnRun] = []
    var counts = VerificationCounts()
    /// The escrow window, counted from the start.
    var window = 0
    /// How many owners are banned or in quarantine.
    var convicted = 0

    /// Whether nothing waits for a verdict.
    var isSettled: Bool { unwritten == 0 && checks.count == 0 }
}
