import TalkootCore

/// How far a job is: what the progress bar shows.
struct ProgressFigures: Sendable, Hashable {
    /// Units with a result.
    var unitsDone: UInt64
    /// All units.
    var units: UInt64
    /// Slots or machines at work, with the word for them.
    var workers: Int
    /// `slot` for this machine's own cells, `volunteer` for others'.
    var workerWord: String
    /// Units a second, lately.
    var unitsPerSecond: Double
    /// The rest, in seconds; `nil` while unknown.
    var secondsLeft: Double?
}

/// The words and the bar of a progress display; pure, so that its look can be tested.
enum ProgressText {
    /// One line for a terminal of `columns` columns: a bar and the figures, cut to fit.
    static func bar(_ name: String, _ figures: ProgressFigures, columns: Int) -> String {
        let figuresText = tail(figures)
        let room = columns - name.count - figuresText.count - 6
        guard room >= 8 else { return String("\(name) \(figuresText)".prefix(max(columns - 1, 0))) }
        let width = min(room, 40)
        let filled = min(Int(fraction(figures) * Double(width)), width)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return "\(name) \(bar) \(figuresText)"
    }

    /// One line for a log.
    static func line(_ name: String, _ figures: ProgressFigures) -> String { "\(name): \(tail(figures))" }

    /// `1:05`, `2:03:04`, `3 d 04 h`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
        let whole = Int(seconds.rounded())
        let (minutes, hours) = (whole / 60 % 60, whole / 3600)
        if hours >= 48 { return "\(hours / 24) d \(twoDigits(hours % 24)) h" }
        return hours > 0
            ? "\(hours):\(twoDigits(minutes)):\(twoDigits(whole % 60))" : "\(minutes):\(twoDigits(whole % 60))"
    }

    /// A figure with three digits that count: `0.52`, `7.31`, `48.2`, `1.2k`, `3.4M`.
    static func rate(_ value: Double) -> String {
        switch value {
        case ..<10: fixed(value, decimals: 2)
        case ..<100: fixed(value, decimals: 1)
        case ..<1000: String(Int(value.rounded()))
        case ..<1e6: fixed(value / 1e3, decimals: 1) + "k"
        default: fixed(value / 1e6, decimals: 1) + "M"
        }
    }

    /// A number with that many decimals.
    static func fixed(_ value: Double, decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let whole = Int((value * scale).rounded())
        guard decimals > 0 else { return String(whole) }
        let digits = String(whole % Int(scale))
        return "\(whole / Int(scale))." + String(repeating: "0", count: decimals - digits.count) + digits
    }

    /// `3 volunteers`, `1 slot`.
    static func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }

    private static func tail(_ figures: ProgressFigures) -> String {
        let percent = "\(Int(fraction(figures) * 100))%"
        let units = "\(figures.unitsDone)/\(figures.units) units"
        let rate = "\(rate(figures.unitsPerSecond)) units/s"
        let left = figures.secondsLeft.map { ", \(duration($0)) left" } ?? ""
        return "\(percent), \(units), \(count(figures.workers, figures.workerWord)), \(rate)\(left)"
    }

    private static func fraction(_ figures: ProgressFigures) -> Double {
        figures.units == 0 ? 1 : Double(figures.unitsDone) / Double(figures.units)
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}
