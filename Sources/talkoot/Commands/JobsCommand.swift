import ArgumentParser
import TalkootCore

/// `talkoot jobs`: the jobs of this installation, or of a coordinator.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List the jobs of this installation, the newest first.",
        discussion: """
            talkoot jobs
            talkoot jobs --json
            talkoot jobs --at cluster.example.org:7119

            A queued job waits for its turn at the coordinator; an interrupted one goes on with `talkoot resume`.
            """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var place: CoordinatorOptions

    func run() async throws {
        let home = try place.home.locate()
        let jobs: [JobReport]
        if let address = try await place.address(home) {
            jobs = try await CoordinatorPlace.use(address, home: home) { line throws(TalkootError) in
                try await line.ask("jobs", as: [JobReport].self)
            }
        } else {
            jobs = try JobListing.all(home: home).map { JobReport($0) }
        }
        if output.json { return try JSONText.print(jobs) }
        if jobs.isEmpty { return StandardStream.note("talkoot: no jobs yet; start one with `talkoot run MODULE`") }
        var table = Table("JOB", "STATE", "MODULE", "UNITS", "STARTED", "PARAMETERS")
        for job in jobs {
            table.add(job.job, job.state, job.module, "\(job.units)", job.startedLocally, job.parameterText)
        }
        try table.print()
    }
}
