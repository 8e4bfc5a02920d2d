public import TalkootCore

/// Why a host that is there has nothing to do.
public enum Hindrance: Hashable, Sendable {
    /// Its owner gave wrong results and gets nothing more.
    case banned
    /// It failed several units in a row, or gave back a lease, and gets nothing until then.
    case resting(until: Tick)
    /// It was not heard of for three heartbeats.
    case silent
    /// Too many of its results, or of all, wait for a check.
    case heldBack
    /// All units are lent or over.
    case nothingLeft
    /// It is so slow that its next unit would end after all the others.
    case tooSlow
}

extension Scheduling {
    /// How verification stands. O(1).
    public var verificationCounts: VerificationCounts { verification.counts }

    /// Why a host has no lease; nil when it has one, or is not there. O(1).
    public func hindrance(of host: HostID) -> Hindrance? {
        guard let slot = hosts.slot(of: host), hosts[slot].running < 0, !isFinished else { return nil }
        if isVerifying, isBanned(hosts[slot].owner) { return .banned }
        if hosts[slot].isSilent { return .silent }
        if hosts[slot].restUntil > now { return .resting(until: hosts[slot].restUntil) }
        if isHeldBack(slot) { return .heldBack }
        return free.isEmpty ? .nothingLeft : .tooSlow
    }
}
