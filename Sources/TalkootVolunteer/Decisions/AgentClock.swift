import TalkootCore

/// The clock that the shell hands to the pure parts.
struct AgentClock: Sendable {
    private let start = ContinuousClock.now

    /// The moment now, since the agent started.
    func now() -> Tick {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Tick(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
