public import TalkootCore
public import TalkootProtocol

/// When to dial a tracker again: after the pause that it asked for before it went, else after growing random ones. Pure.
public struct Reconnection: Sendable {
    /// The longest pause that a tracker can ask for, in seconds.
    public static let longestNoticeSeconds = 300
    /// The longest time for which a tracker can have peers dial often, in seconds.
    public static let longestTrySeconds = 3600
    /// The longest pause while they do, in seconds.
    public static let hurriedSeconds = 10.0

    private var backoff = Backoff()
    private var notice: Message.RestartNotice?
    private var hurryEnds: Tick?

    /// Starts with the shortest pauses.
    public init() {}

    /// The tracker said that it goes.
    public mutating func noticed(_ notice: Message.RestartNotice) { self.notice = notice }

    /// A session is established: the next pauses are short again.
    public mutating func established() {
        backoff.reset()
        (notice, hurryEnds) = (nil, nil)
    }

    /// How long to wait before the next dial, in seconds.
    public mutating func nextWait(at now: Tick, using generator: inout some RandomNumberGenerator) -> Double {
        if let notice {
            self.notice = nil
            backoff.reset()
            let wait = Double(min(max(0, notice.reconnectSeconds), Self.longestNoticeSeconds))
            let hurry = Double(min(max(0, notice.trySeconds), Self.longestTrySeconds))
            hurryEnds = now.advanced(bySeconds: wait + hurry)
            return wait
        }
        let wait = backoff.next(using: &generator)
        guard let end = hurryEnds, now < end else { return wait }
        return min(wait, Self.hurriedSeconds)
    }
}
