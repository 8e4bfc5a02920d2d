import ArgumentParser
import TalkootCore

/// `talkoot explain`: why nothing runs, why a unit was run again, why a volunteer was convicted.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why: what holds a job up, what became of a unit, why a volunteer gets nothing.",
        discussion: """
            talkoot explain last              why does nothing run, or why did it fail?
            talkoot explain 4f1c/17           what became of unit 17?
            talkoot explain 4f1c/ann          what did volunteer ann do in this job?
            talkoot explain ann               ... and in all jobs of this home?
            talkoot explain me                why does my volunteer get nothing; what was it convicted of?
            talkoot explain 4f1c --at cluster.example.org:7119

            Every decision is written down with a code and what to do about it; this reads that log.
            """)

    @Argument(help: ArgumentHelp("JOB, JOB/UNIT, JOB/VOLUNTEER, VOLUNTEER or `me`; `last` is the newest job.", valueName: "what"))
    var what = "last"
    @OptionGroup var output: OutputOptions
    @OptionGroup var place: CoordinatorOptions

    func run() async throws {
        let home = try place.home.locate()
        let explanation = try await explanation(home)
        if output.json { return try JSONText.print(explanation) }
        for line in explanation.lines { try StandardStream.print(line) }
    }

    private func explanation(_ home: Home) async throws(TalkootError) -> Explanation {
        if what == "me" { return try Explanation(ofVolunteerIn: home) }
        let parts = what.split(separator: "/", maxSplits: 1).map(String.init)
        guard let job = parts.first, !what.hasSuffix("/") else {
            throw TalkootError(.usage, "\(what) names nothing", remedy: "give JOB, JOB/UNIT, JOB/VOLUNTEER, VOLUNTEER or me")
        }
        let part = parts.count > 1 ? parts[1] : nil
        let unit = part.flatMap { NumberText.integer($0) }.flatMap { UInt64(exactly: $0) }
        let volunteer = unit == nil ? part : nil
        if let address = try await place.address(home) {
            return try await CoordinatorPlace.use(address, home: home) { line throws(TalkootError) in
                try await line.ask("explain", JobOrder(job: job, unit: unit, volunteer: volunteer), as: Explanation.self)
            }
        }
        do throws(TalkootError) {
            return try Explanation(of: JobListing.find(job, home: home), unit: unit, volunteer: volunteer)
        } catch {
            guard error.code == .notFound, part == nil, what != "last" else { throw error }
            return try Explanation(ofVolunteer: what, in: home)
        }
    }
}
