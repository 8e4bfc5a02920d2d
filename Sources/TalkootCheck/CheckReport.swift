public import TalkootCore

/// What `talkoot module check` found: a list of findings, the cost curve, and what follows for the manifest.
public struct CheckReport: Sendable, Codable {
    /// One thing that was looked at.
    public struct Finding: Sendable, Codable, Hashable {
        /// How it came out.
        public enum Status: String, Sendable, Codable {
            /// As it should be.
            case passed
            /// The module or its manifest must be changed.
            case failed
            /// It could not be looked at; the detail says why.
            case skipped
        }

        /// What was looked at, `samples` or `merge` for instance.
        public var name: String
        /// How it came out.
        public var status: Status
        /// What was found, for a person.
        public var detail: String
        /// What to do; empty unless it failed.
        public var remedy: String

        /// A finding.
        public init(_ name: String, _ status: Status, _ detail: String, remedy: String = "") {
            (self.name, self.status, self.detail, self.remedy) = (name, status, detail, remedy)
        }
    }

    /// One measured unit.
    public struct Cost: Sendable, Codable, Hashable {
        /// How many items it had.
        public var items: UInt64
        /// Processor time, in seconds.
        public var seconds: Double
    }

    /// The module's name.
    public var module: String
    /// Its version.
    public var version: String
    /// The seed of all random choices: the same one makes the same check.
    public var seed: UInt64
    /// What was looked at, in that order.
    public var findings: [Finding]
    /// Units of growing size.
    public var cost: [Cost]
    /// What the module's results are in truth, as far as this check saw.
    public var determinism: Manifest.Determinism

    /// Whether nothing failed.
    public var isPassed: Bool { findings.allSatisfy { $0.status != .failed } }

    /// Processor seconds for one more item, from the largest two measurements; `nil` without two.
    public var secondsPerItem: Double? {
        guard let last = cost.last, let before = cost.dropLast().last, last.items > before.items else { return nil }
        return max(0, (last.seconds - before.seconds) / Double(last.items - before.items))
    }

    /// A line a finding, then the cost and the verdict.
    public var lines: [String] {
        let width = findings.map(\.name.count).max() ?? 0
        var lines = findings.map { finding in
            let mark = ["passed": "ok     ", "failed": "FAILED ", "skipped": "skipped"][finding.status.rawValue] ?? ""
            let name = finding.name + String(repeating: " ", count: width - finding.name.count)
            return "\(mark) \(name)  \(finding.detail)" + (finding.remedy.isEmpty ? "" : " (\(finding.remedy))")
        }
        for point in cost { lines.append("cost    \(point.items) items in \(Self.milliseconds(point.seconds)) ms") }
        if let each = secondsPerItem { lines.append("cost    \(Self.nanoseconds(each)) ns for each item more") }
        let failed = findings.filter { $0.status == .failed }.count
        let verdict = isPassed ? "passed" : "FAILED in \(failed) of \(findings.count) points"
        lines.append("\(module)@\(version) \(verdict); determinism: \(determinism.rawValue); seed \(seed)")
        return lines
    }

    private static func milliseconds(_ seconds: Double) -> String { String(Double(Int(seconds * 1e6)) / 1000) }
    private static func nanoseconds(_ seconds: Double) -> String { String(Double(Int(seconds * 1e10)) / 10) }
}
