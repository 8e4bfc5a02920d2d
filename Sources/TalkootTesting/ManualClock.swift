import Synchronization
public import TalkootCore

/// A clock that stands still until a test moves it; may be read from any thread.
public final class ManualClock: Sendable {
    private let time: Mutex<Tick>

    /// A clock that shows `start`.
    public init(start: Tick = .zero) { time = Mutex(start) }

    /// What it shows.
    public var now: Tick { time.withLock { $0 } }

    /// Moves it forward by that many seconds and returns what it shows then.
    @discardableResult
    public func advance(bySeconds seconds: Double) -> Tick {
        time.withLock { time in
            time = time.advanced(bySeconds: seconds)
            return time
        }
    }

    /// Moves it to `tick`; never backwards.
    public func advance(to tick: Tick) { time.withLock { $0 = max($0, tick) } }
}
