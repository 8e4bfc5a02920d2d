import Glibc

/// Dates for people and programs.
enum CalendarText {
    /// `2025-03-01 14:05`, in this machine's time zone.
    static func local(_ seconds: Int64) -> String { format(seconds, "%Y-%m-%d %H:%M", localtime_r) }

    /// `2025-03-01T13:05:09Z`.
    static func iso(_ seconds: Int64) -> String { format(seconds, "%Y-%m-%dT%H:%M:%SZ", gmtime_r) }

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
