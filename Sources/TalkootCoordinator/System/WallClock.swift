import Glibc

/// The time of day, for records that people read.
enum WallClock {
    /// Seconds since 1970 (UTC).
    static func secondsSince1970() -> Int64 { Int64(time(nil)) }
}
