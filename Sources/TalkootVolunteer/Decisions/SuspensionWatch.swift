import TalkootCore

/// Notices that this program was stopped for a while (SIGSTOP, a frozen container), by beats that come late. Pure.
///
/// A unit that seems to have exceeded its time while the watchdog itself was stopped is given back and not reported as failed.
struct SuspensionWatch: Sendable {
    private var lastBeat: Tick
    private var lastSuspension: Tick?

    /// Starts watching.
    init(at now: Tick) { lastBeat = now }

    /// Takes note of a beat, which is expected every `VolunteerLimits.beatSeconds`.
    ///
    /// - Returns: whether the program was suspended since the last one.
    @discardableResult
    mutating func beat(at now: Tick) -> Bool {
        let isLate = now.seconds(since: lastBeat) > VolunteerLimits.suspensionSeconds
        lastBeat = now
        if isLate { lastSuspension = now }
        return isLate
    }

    /// Whether the program was suspended at some time after `start`, the time since the last beat included.
    func wasSuspended(since start: Tick, at now: Tick) -> Bool {
        if now.seconds(since: lastBeat) > VolunteerLimits.suspensionSeconds { return true }
        return lastSuspension.map { $0 >= start } ?? false
    }
}
