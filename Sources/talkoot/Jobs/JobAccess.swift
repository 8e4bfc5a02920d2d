import ArgumentParser
import TalkootCore

/// `--at`: for the commands about jobs that may be at a coordinator elsewhere.
struct CoordinatorOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A coordinator elsewhere, HOST:PORT[#PEER-ID] as `talkoot coordinator` prints it; without it the jobs of this home.",
            valueName: "coordinator"))
    var at: String?
    @OptionGroup var home: HomeOptions

    /// The coordinator elsewhere, from the flag or the setting; `nil` for this home's jobs.
    ///
    /// - Throws: ``TalkootError`` when the settings cannot be read.
    func address(_ home: Home) async throws(TalkootError) -> String? { try await Settings(home: home).text(.coordinator, flag: at) }

    /// A job's description, from its journal here or from the coordinator elsewhere.
    ///
    /// - Throws: ``TalkootError`` `notFound` when there is none, and what the coordinator says.
    func report(of job: String) async throws(TalkootError) -> JobReport {
        let home = try home.locate()
        guard let address = try await address(home) else { return try JobReport.detailed(JobListing.find(job, home: home)) }
        return try await CoordinatorPlace.use(address, home: home) { line throws(TalkootError) in
            try await line.ask("job", JobOrder(job: job), as: JobReport.self)
        }
    }
}
