package import TalkootCore

/// A token bucket: so many messages a second in the long run, so many at once.
package struct MessageRate: Hashable, Sendable {
    private let perSecond: Double
    private let burst: Double
    private var tokens: Double
    private var counted: Tick

    /// A full bucket.
    package init(perSecond: Double = Limits.messagesPerSecond, burst: Double = Limits.messageBurst, at now: Tick) {
        self.perSecond = perSecond
        self.burst = burst
        tokens = burst
        counted = now
    }

    /// Takes a token; when there is none, says when there will be one.
    mutating func take(at now: Tick) -> Tick? {
        tokens = min(burst, tokens + max(0, now.seconds(since: counted)) * perSecond)
        counted = max(counted, now)
        guard tokens >= 1 else { return now.advanced(bySeconds: (1 - tokens) / perSecond + 1e-6) }
        tokens -= 1
        return nil
    }
}
