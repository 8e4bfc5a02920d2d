import TalkootCore

/// Times as people write them: `90`, `90s`, `10m`, `2h`.
enum DurationText {
    /// A time in seconds.
    ///
    /// - Throws: ``TalkootError`` `usage` for anything but a whole number above zero with an optional `s`, `m` or `h`.
    static func seconds(_ text: String, place: String) throws(TalkootError) -> Double {
        let units: [(Character, Double)] = [("s", 1), ("m", 60), ("h", 3600)]
        let unit = units.first { text.last == $0.0 }
        let digits = unit == nil ? text : String(text.dropLast())
        guard let value = NumberText.integer(digits), (1...100_000_000).contains(value) else {
            throw TalkootError(.usage, "\(place) \(text) is no time", remedy: "write 90s, 10m or 2h")
        }
        return Double(value) * (unit?.1 ?? 1)
    }
}
