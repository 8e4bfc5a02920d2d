import ArgumentParser
import TalkootCore
import TalkootStore

/// `talkoot job`: one job in detail.
struct JobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job",
        abstract: "Show one job: what was asked, how far it is, who did what.",
        discussion: """
            talkoot job last
            talkoot job 4f1c --json
            """)

    @Argument(help: "The job's id, a unique beginning of it, or `last`.") var job: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    /// The most volunteers and failures that are printed.
    private static let rows = 20

    func run() async throws {
        let listing = try JobListing.find(job, home: try home.locate())
        let journal = try JobJournal.open(directory: listing.directory, access: .readOnly)
        let report = JobReport(listing, progress: try journal.progress())
        if output.json { return try JSONText.print(report) }
        for line in Self.lines(report) { try StandardStream.print(Table.printable(line)) }
        let contributions = try journal.contributions(limit: Self.rows)
        if !contributions.isEmpty {
            var table = Table("VOLUNTEER", "UNITS", "CPU SECONDS")
            for row in contributions {
                table.add(row.volunteer, "\(row.units)", ProgressText.fixed(Double(row.processorMicroseconds) / 1e6, decimals: 2))
            }
            try table.print()
        }
        for failure in try journal.failures(limit: Self.rows) {
            let unit = failure.units.lowerBound
            try StandardStream.print(Table.printable("unit \(unit) on \(failure.volunteer): \(failure.failure?.summary ?? "")"))
        }
        if report.state == "interrupted" { StandardStream.note("talkoot: go on with `talkoot resume \(report.job)`") }
    }

    private static func lines(_ report: JobReport) -> [String] {
        var lines = [
            "job        \(report.job)",
            "state      \(report.state)\(report.reason.map { ": " + $0 } ?? "")",
            "module     \(report.module) \(report.version) (\(report.digest.short))",
            "parameters \(report.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))",
            "units      \(report.unitsDone ?? 0) of \(report.units) done, \(report.itemsPerUnit) items each, \(report.items) in all",
            "on         \(report.on)",
            "started    \(report.started)",
        ]
        if let finished = report.finished { lines.append("finished   \(finished)") }
        if let input = report.input { lines.append("input      \(input), \(NumberText.size(report.inputBytes))") }
        if let output = report.output { lines.append("output     \(output)") }
        if let verification = report.verification { lines += verification.lines }
        return lines
    }
}
