package import TalkootCore

/// How fast a relay reads from the two ends of a circuit: a token bucket for both directions together. Pure.
///
/// Nothing is ever dropped: a circuit over its rate is read later, and its ends feel it as any slow connection.
package struct CircuitFlow: Sendable {
    private let bytesPerSecond: Double
    private let burstBytes: Double
    private var tokens: Double
    private var counted: Tick
    /// All bytes that passed.
    package private(set) var bytes: UInt64 = 0
    /// When the last of them passed.
    package private(set) var lastPassed: Tick

    /// A full bucket.
    package init(bytesPerSecond: Double, burstBytes: Double, at now: Tick) {
        self.bytesPerSecond = bytesPerSecond
        self.burstBytes = burstBytes
        tokens = burstBytes
        counted = now
        lastPassed = now
    }

    /// So many bytes passed. They may be more than were left: the debt delays the next reading.
    package mutating func passed(_ count: Int, at now: Tick) {
        refill(at: now)
        tokens -= Double(count)
        bytes += UInt64(count)
        lastPassed = max(lastPassed, now)
    }

    /// When more may be read: `now`, or later.
    package mutating func nextRead(at now: Tick) -> Tick {
        refill(at: now)
        return tokens > 0 ? now : now.advanced(bySeconds: (1 - tokens) / bytesPerSecond)
    }

    private mutating func refill(at now: Tick) {
        tokens = min(burstBytes, tokens + max(0, now.seconds(since: counted)) * bytesPerSecond)
        counted = max(counted, now)
    }
}
