/// What is known of an owner's honesty, and which results stand or fall with it.
struct Standing: Sendable {
    enum State: Hashable, Sendable {
        case good
        /// Checked on everything until so many checks are clean.
        case quarantined(clean: UInt32)
        /// Gets no work, and its results are dropped.
        case banned
    }

    /// A result of somebody else that it said to be right.
    struct Confirmation: Hashable, Sendable {
        let units: Range<UInt64>
        let owner: OwnerID
        let digest: ResultDigest
    }

    var state = State.good
    /// Checks that it passed, as the one who was checked or who checked.
    var passed: UInt32 = 0
    var offences: UInt8 = 0
    /// Units of which the audit was drawn.
    var committed: UInt64 = 0
    /// Checks of its results that are not over.
    var pending = 0
    /// Leases that its hosts hold.
    var leases = 0
    /// Its results of this escrow window and the last that are not final.
    var provisional = UnitSet()
    var older = UnitSet()
    /// The last results that it confirmed: checked anew when it turns out to be a colluder.
    private(set) var confirmations: [Confirmation] = []

    /// How many confirmations are remembered.
    static let rememberedConfirmations = 32

    var isBanned: Bool { state == .banned }
    var isQuarantined: Bool { if case .quarantined = state { true } else { false } }

    /// Whether these units are still its own and not final.
    func holds(_ units: Range<UInt64>) -> Bool {
        provisional.missing(from: units).allSatisfy { older.missing(from: $0).isEmpty }
    }

    mutating func confirm(_ confirmation: Confirmation) {
        if confirmations.count >= Self.rememberedConfirmations { confirmations.removeFirst() }
        confirmations.append(confirmation)
    }

    /// Counts a check without a fault; a quarantine ends with enough of them.
    mutating func pass(cleanChecks: UInt32) {
        passed = passed == .max ? passed : passed + 1
        guard case .quarantined(let clean) = state else { return }
        state = clean + 1 >= cleanChecks ? .good : .quarantined(clean: clean + 1)
    }
}
