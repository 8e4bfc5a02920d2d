/// When a cell is held, for whatever reasons, and for how long it was in all. Pure; times in nanoseconds.
struct HoldClock: Hashable, Sendable {
    /// Who holds a cell.
    enum Reason: Hashable, Sendable {
        /// The owner of the machine, until told otherwise.
        case owner
        /// The limit of processor time, for some milliseconds.
        case share
    }

    private var reasons: Set<Reason> = []
    private var since: UInt64 = 0
    private var total: UInt64 = 0

    /// Whether it is held for any reason, or for this one.
    var isHeld: Bool { !reasons.isEmpty }
    func isHeld(for reason: Reason) -> Bool { reasons.contains(reason) }

    /// Holds it for a reason.
    mutating func hold(_ reason: Reason, at now: UInt64) {
        if reasons.isEmpty { since = now }
        reasons.insert(reason)
    }

    /// The reason is gone.
    mutating func release(_ reason: Reason, at now: UInt64) {
        guard reasons.remove(reason) != nil, reasons.isEmpty else { return }
        total += now - since
    }

    /// For how long it was held up to now.
    func held(at now: UInt64) -> UInt64 { total + (reasons.isEmpty || now < since ? 0 : now - since) }
}
