import ArgumentParser
import TalkootCore
import TalkootStore

/// `talkoot jobs`: the jobs of this installation.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List the jobs of this installation, the newest first.",
        discussion: """
            talkoot jobs
            talkoot jobs --json
            """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let jobs = try JobListing.all(home: try home.locate())
        if output.json { return try JSONText.print(jobs.map { JobReport($0, progress: nil) }) }
        if jobs.isEmpty { return StandardStream.note("talkoot: no jobs yet; start one with `talkoot run MODULE`") }
        var table = Table("JOB", "STATE", "MODULE", "UNITS", "STARTED", "PARAMETERS")
        for job in jobs {
            let record = job.record
            table.add(
                record.id.description, job.state, record.module.name, "\(record.shape.units)", CalendarText.local(record.created),
                JobReport.text(record.parameters))
        }
        try table.print()
    }
}
