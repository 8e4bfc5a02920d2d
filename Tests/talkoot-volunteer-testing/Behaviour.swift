import Glibc
import TalkootCore
import TalkootSandbox

/// How a volunteer of a test misbehaves. Which of its units it concerns is determined by the seed, counted from its first.
enum Behaviour: Sendable, Equatable {
    /// As every volunteer should.
    case honest
    /// This share of the results is wrong.
    case lying(Double)
    /// Everything takes so many times as long.
    case slow(Double)
    /// This share of the units fails.
    case failing(Double)
    /// Honest for so many units, then every result is wrong.
    case sleeper(UInt64)

    /// Reads `honest`, `lying:0.3`, `slow:4`, `failing:0.1` or `sleeper:100`.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let number = parts.count == 2 ? Double(parts[1]) : nil
        switch (parts.first, number) {
        case ("honest", nil) where parts.count == 1: self = .honest
        case ("lying", let share?) where share > 0 && share <= 1: self = .lying(share)
        case ("slow", let factor?) where factor >= 1 && factor <= 1000: self = .slow(factor)
        case ("failing", let share?) where share > 0 && share <= 1: self = .failing(share)
        case ("sleeper", let units?) where units >= 0 && units < 1e15: self = .sleeper(UInt64(units))
        default: return nil
        }
    }

    /// What is sent in place of a run; `before` counts the units that were finished earlier.
    func conduct(_ run: FinishedRun, seed: UInt64, before: UInt64) -> [FinishedRun] {
        switch self {
        case .honest: return [run]
        case .lying(let share): return [falsified(run) { Self.fraction(seed, before + $0) < share }]
        case .sleeper(let units): return [falsified(run) { before + $0 >= units }]
        case .slow(let factor):
            Self.wait(seconds: run.wallSeconds * (factor - 1))
            return [run]
        case .failing(let share): return parts(of: run) { Self.fraction(seed, before + $0) < share }
        }
    }

    /// The run with a bit of the chosen units' results flipped, or a byte where there was none.
    private func falsified(_ run: FinishedRun, _ isChosen: (UInt64) -> Bool) -> FinishedRun {
        guard run.failure == nil else { return run }
        var wrong = run
        (wrong.bytes, wrong.resultEnds) = ([], [])
        var start = 0
        for (place, end) in run.resultEnds.enumerated() {
            var result = Array(run.bytes[start..<end])
            if isChosen(UInt64(place)) { result.isEmpty ? result.append(1) : (result[0] ^= 1) }
            wrong.bytes += result
            wrong.resultEnds.append(wrong.bytes.count)
            start = end
        }
        return wrong
    }

    /// The run cut at the chosen units, each of which failed.
    private func parts(of run: FinishedRun, _ isChosen: (UInt64) -> Bool) -> [FinishedRun] {
        guard run.failure == nil else { return [run] }
        return zip(run.units, run.resultEnds).enumerated().map { place, unit in
            guard !isChosen(UInt64(place)) else {
                return FinishedRun(units: unit.0..<unit.0 + 1, failure: .failed(message: "because a test wants it"))
            }
            let start = place == 0 ? 0 : run.resultEnds[place - 1]
            return FinishedRun(
                units: unit.0..<unit.0 + 1, bytes: Array(run.bytes[start..<unit.1]), resultEnds: [unit.1 - start],
                processorSeconds: run.processorSeconds / Double(run.units.count), wallSeconds: run.wallSeconds / Double(run.units.count))
        }
    }

    /// A number from 0 up to 1 that seed and place determine (SplitMix64).
    private static func fraction(_ seed: UInt64, _ place: UInt64) -> Double {
        var mixed = (seed &* 0xD134_2543_DE82_EF95) ^ (place &+ 1) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
    }

    private static func wait(seconds: Double) {
        guard seconds > 0 else { return }
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
        var rest = timespec()
        while nanosleep(&time, &rest) != 0, errno == EINTR { time = rest }
    }
}
