import TalkootCoordinator
import TalkootCore
import TalkootScheduling

/// What a job will take, as `talkoot estimate` shows it.
struct EstimateReport: Codable, Sendable {
    /// A time as it will probably be, and as it will hardly be exceeded.
    struct Time: Codable, Sendable {
        var slots: Int
        /// `here` or `volunteers`.
        var on: String
        var p50Seconds: Double
        var p95Seconds: Double
    }

    var module: String
    var items: UInt64
    var itemsPerUnit: UInt64
    var units: UInt64
    var samples: Int
    var unitP50Seconds: Double?
    var unitP95Seconds: Double?
    var processorP50Seconds: Double?
    var processorP95Seconds: Double?
    var resultBytes: Double?
    var verify: String
    /// How often a unit is run on average, by volunteers.
    var copies: Double
    var times: [Time]

    /// How often a level has a unit run, on average: measured in the simulations of docs/verification.md.
    static func copies(_ level: VerificationPolicy.Level) -> Double {
        switch level {
        case .none: 1
        case .audit: 1.06
        case .strict: 2
        case .triple: 3
        }
    }

    /// Describes an estimate for this machine's slots and for some numbers of volunteers' slots.
    init(_ estimate: JobEstimate, module: String, level: VerificationPolicy.Level, localSlots: Int, widths: [Int]) {
        self.module = module
        (items, itemsPerUnit, units) = (estimate.shape.items, estimate.shape.itemsPerUnit, estimate.shape.units)
        samples = estimate.samples.count
        (unitP50Seconds, unitP95Seconds) = (estimate.unitSeconds?.p50, estimate.unitSeconds?.p95)
        (processorP50Seconds, processorP95Seconds) = (estimate.processorSeconds?.p50, estimate.processorSeconds?.p95)
        resultBytes = estimate.resultBytes
        verify = level.rawValue
        let copies = Self.copies(level)
        self.copies = copies
        let here = estimate.seconds(slots: localSlots).map {
            Time(slots: localSlots, on: "here", p50Seconds: $0.p50, p95Seconds: $0.p95)
        }
        times = [here].compactMap(\.self)
        times += widths.compactMap { slots in
            estimate.seconds(slots: slots, copies: copies).map {
                Time(slots: slots, on: "volunteers", p50Seconds: $0.p50, p95Seconds: $0.p95)
            }
        }
    }

    /// For a person.
    var lines: [String] {
        var lines = ["\(module): \(items) items in \(ProgressText.count(Int(clamping: units), "unit")) of \(itemsPerUnit)"]
        guard let unit = unitP50Seconds, let unitHigh = unitP95Seconds, let total = processorP50Seconds, let high = processorP95Seconds
        else { return lines + ["no unit could be run here in time, so nothing is known of its cost; `talkoot module run` shows one"] }
        let how = samples > 0 ? "\(ProgressText.count(samples, "unit")) run here" : "parts of units run here"
        lines.append("a unit takes \(Self.time(unit)) (p95 \(Self.time(unitHigh))), from \(how)")
        lines.append("cost: \(Self.time(total)) of a processor like this one (p95 \(Self.time(high)))")
        if let resultBytes { lines.append("results: about \(NumberText.size(UInt64(max(0, min(resultBytes, 1e18)))))") }
        var table = Table("ON", "SLOTS", "P50", "P95")
        for time in times { table.add(time.on, "\(time.slots)", Self.time(time.p50Seconds), Self.time(time.p95Seconds)) }
        return lines + table.lines + ["volunteers: each unit is run \(ProgressText.fixed(copies, decimals: 2)) times (--verify \(verify))"]
    }

    /// `0.42 s`, `12.5 s`, `1:05`, `2:03:04`, `3 d 04 h`.
    static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<0.0995: "\(ProgressText.rate(1000 * seconds)) ms"
        case ..<60: "\(ProgressText.rate(seconds)) s"
        default: ProgressText.duration(seconds)
        }
    }
}
