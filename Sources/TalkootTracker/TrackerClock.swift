import Glibc
public import TalkootCore

/// Where a tracker takes the time from.
public protocol TrackerClock: Sendable {
    /// A clock that never jumps.
    var now: Tick { get }
    /// Seconds since 1970 (UTC).
    var unixSeconds: Int64 { get }
}

/// The machine's clocks.
public struct SystemTrackerClock: TrackerClock {
    /// The machine's clocks.
    public init() {}

    /// The monotonic clock.
    public var now: Tick {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Tick(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// The wall clock.
    public var unixSeconds: Int64 { Int64(time(nil)) }
}
