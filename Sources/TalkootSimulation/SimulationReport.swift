/// What a simulated job came to.
public struct SimulationReport: Hashable, Sendable, Encodable {
    /// The policy's name.
    public var policy: String
    /// How long it took, over the time in which the volunteers, never idle and never in doubt, would have done it.
    public var makespan = 0.0
    /// When 99% of the units had results that stood, in the same measure.
    public var ninetyNine = 0.0
    /// All that was computed, over what had to be.
    public var executed = 0.0
    /// What was computed and lost, since it was not handed in before its volunteer went, as a share of what had to be computed.
    public var lost = 0.0
    /// Wrong results that count, a million units.
    public var wrongPerMillion = 0.0
    /// How many units it had.
    public var units: UInt64 = 0
    /// How many seconds each takes on a machine of speed 1.
    public var unitSeconds = 0.0
    /// Leases that were given.
    public var leases: UInt64 = 0
    /// Units that were run to check others.
    public var unitsChecked: UInt64 = 0
    /// Bad volunteers that worked.
    public var badWorkers = 0
    /// How many of them were convicted.
    public var badConvicted = 0
    /// Honest ones that were convicted.
    public var honestConvicted = 0
    /// Whether it ended at all within twenty times the ideal time.
    public var isComplete = false

    /// The heading of ``row``.
    public static let heading =
        "policy                        time/ideal  99% done  work done      lost  wrong/million  bad caught  honest convicted"

    /// The figures in one line.
    public var row: String {
        let caught = badWorkers == 0 ? "-" : "\(badConvicted) of \(badWorkers)"
        return pad(policy, 28, right: true) + pad(isComplete ? fixed(makespan, 3) : "never", 12) + pad(fixed(ninetyNine, 3), 10)
            + pad(fixed(executed, 3), 11) + pad(fixed(lost * 100, 3) + "%", 10) + pad(fixed(wrongPerMillion, 2), 15)
            + pad(caught, 12) + pad("\(honestConvicted)", 18)
    }

    private func pad(_ text: String, _ width: Int, right: Bool = false) -> String {
        let spaces = String(repeating: " ", count: max(0, width - text.utf8.count))
        return right ? text + spaces : spaces + text
    }
}

/// A number with so many digits behind the point.
func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "-" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = Int64((abs(value) * scale).rounded())
    let sign = value < 0 && whole != 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let fraction = String(whole % Int64(scale))
    return "\(sign)\(whole / Int64(scale))." + String(repeating: "0", count: digits - fraction.utf8.count) + fraction
}
