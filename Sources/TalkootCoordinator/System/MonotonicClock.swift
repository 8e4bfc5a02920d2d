import TalkootCore

/// The clock that a coordinator hands to its pure parts: nanoseconds since the coordinator began.
struct MonotonicClock: Sendable {
    private let start = ContinuousClock.now

    /// The moment now.
    func now() -> Tick {
        let passed = (ContinuousClock.now - start).components
        return Tick(nanoseconds: passed.seconds * 1_000_000_000 + passed.attoseconds / 1_000_000_000)
    }
}
