import ArgumentParser
import TalkootCore

/// `talkoot job`: one job in detail.
struct JobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job",
        abstract: "Show one job: what was asked, how far it is, who did what.",
        discussion: """
            talkoot job last
            talkoot job 4f1c --json
            talkoot job 4f1c --at cluster.example.org:7119
            """)

    @Argument(help: "The job's id, a unique beginning of it, or `last`.") var job: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var place: CoordinatorOptions

    func run() async throws {
        let report = try await place.report(of: job)
        if output.json { return try JSONText.print(report) }
        for line in Self.lines(report) { try StandardStream.print(Table.printable(line)) }
        if let contributions = report.contributions, !contributions.isEmpty {
            var table = Table("VOLUNTEER", "UNITS", "CPU SECONDS")
            for row in contributions { table.add(row.volunteer, "\(row.units)", ProgressText.fixed(row.processorSeconds, decimals: 2)) }
            try table.print()
        }
        for failure in report.failures ?? [] {
            try StandardStream.print(Table.printable("unit \(failure.unit) \(failure.reason)"))
        }
        if report.state == "interrupted" { StandardStream.note("talkoot: go on with `talkoot resume \(report.job)`") }
        if report.state == "queued" { StandardStream.note("talkoot: why it waits: `talkoot explain \(report.job)`") }
    }

    private static func lines(_ report: JobReport) -> [String] {
        var lines = [
            "job        \(report.job)",
            "state      \(report.state)\(report.reason.map { ": " + $0 } ?? "")",
            "module     \(report.module) \(report.version) (\(report.digest.short))",
            "parameters \(report.parameterText)",
            "units      \(report.unitsDone ?? 0) of \(report.units) done, \(report.itemsPerUnit) items each, \(report.items) in all",
            "on         \(report.on)",
            "started    \(report.started)",
        ]
        if let failed = report.unitsFailed, failed > 0 { lines.append("failed     \(ProgressText.count(Int(clamping: failed), "unit"))") }
        if let finished = report.finished { lines.append("finished   \(finished)") }
        if let deadline = report.deadline { lines.append("deadline   \(deadline)") }
        if let priority = report.priority, priority != 0 { lines.append("priority   \(priority)") }
        if let input = report.input { lines.append("input      \(input), \(NumberText.size(report.inputBytes))") }
        if let output = report.output { lines.append("output     \(output)") }
        if let verification = report.verification { lines += verification.lines }
        return lines
    }
}
