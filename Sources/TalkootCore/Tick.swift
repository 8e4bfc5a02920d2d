/// A moment on a monotonic clock, in nanoseconds since an arbitrary start.
///
/// Pure code takes it as an argument and never reads a clock itself.
public struct Tick: Hashable, Comparable, Sendable {
    /// Nanoseconds since the clock's start.
    public var nanoseconds: Int64

    /// The moment that many nanoseconds after the start.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The clock's start.
    public static let zero = Tick(nanoseconds: 0)

    /// The latest moment there is: for "never".
    public static let distantFuture = Tick(nanoseconds: .max)

    /// The moment that many seconds after the start.
    public static func seconds(_ seconds: Double) -> Tick { Tick(nanoseconds: Int64(seconds * 1e9)) }

    /// The time that passed since `earlier`, in seconds; negative when it lies ahead.
    public func seconds(since earlier: Tick) -> Double { Double(nanoseconds - earlier.nanoseconds) / 1e9 }

    /// The moment `seconds` later, no later than ``distantFuture``.
    public func advanced(bySeconds seconds: Double) -> Tick {
        let sum = Double(nanoseconds) + seconds * 1e9
        return sum >= 9.2e18 ? .distantFuture : Tick(nanoseconds: nanoseconds + Int64(seconds * 1e9))
    }

    /// The earlier of two moments compares as less.
    public static func < (left: Tick, right: Tick) -> Bool { left.nanoseconds < right.nanoseconds }
}
