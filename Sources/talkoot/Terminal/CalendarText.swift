import Glibc

/// Dates for people and programs.
enum CalendarText {
    /// `2025-03-01 14:05`, in this machine's time zone.
    static func local(_ seconds: Int64) -> String { format(seconds, "%Y-%m-%d %H:%M", localtime_r) }

    /// `2025-03-01 14:05:09`, in this machine's time zone.
    static func localSeconds(_ seconds: Int64) -> String { format(seconds, "%Y-%m-%d %H:%M:%S", localtime_r) }

    /// `2025-03-01T13:05:09Z`.
    static func iso(_ seconds: Int64) -> String { format(seconds, "%Y-%m-%dT%H:%M:%SZ", gmtime_r) }

    /// The seconds since 1970 of what ``iso(_:)`` wrote; `nil` for anything else.
    static func seconds(iso text: String) -> Int64? {
        let numbers = text.split(whereSeparator: { "-T:Z".contains($0) }).map { Int32($0) ?? -1 }
        guard numbers.count == 6, !numbers.contains(-1), text.count == 20 else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[3], numbers[4], numbers[5])
        return Int64(timegm(&parts))
    }

    private static func format(
        _ seconds: Int64, _ pattern: String, _ convert: (UnsafePointer<time_t>?, UnsafeMutablePointer<tm>?) -> UnsafeMutablePointer<tm>?
    ) -> String {
        var moment = time_t(seconds)
        var parts = tm()
        _ = convert(&moment, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let length = strftime(&buffer, buffer.count, pattern, &parts)
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
