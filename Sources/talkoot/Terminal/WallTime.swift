import Glibc

/// The time of day.
enum WallTime {
    /// Seconds since 1970 (UTC).
    static func seconds() -> Int64 { Int64(time(nil)) }
}
