import ArgumentParser
import TalkootCoordinator
import TalkootCore
import TalkootPackaging
import TalkootStore

/// `talkoot resume`: goes on with a job that was interrupted.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a job that was stopped, crashed or failed.",
        discussion: """
            talkoot resume last
            talkoot resume 4f1c --slots 4
            talkoot resume 4f1c --on local

            What is finished stays finished, what failed is tried again. The job runs where it ran before unless --on says \
            otherwise. A detached job goes back to the coordinator when one runs.
            """)

    @Argument(help: "The job's id, a unique beginning of it, or `last`.") var job: String
    @OptionGroup var terms: TermsOptions
    @OptionGroup var place: JobPlaceOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var coordinator: CoordinatorOptions

    func run() async throws {
        let home = try coordinator.home.locate()
        let (priority, deadline) = (try terms.number(), try terms.seconds())
        let address = try await coordinator.address(home)
        if try address != nil || isDetached(home) {
            return try await handBack(JobOrder(job: job, priority: priority, deadlineSeconds: deadline), address, home)
        }
        let session = try Session.load(home: home)
        let settings = try await Settings(home: home)
        let listing = try JobListing.find(job, home: home)
        let record = listing.record
        guard record.state != .cancelled else {
            throw TalkootError(.refused, "job \(record.id) was cancelled", remedy: "run it anew")
        }
        let place =
            try self.place.on == nil ? JobPlace(record.mode) : JobPlace.resolve(flag: self.place.on, settings: settings, session: session)
        var resources = try self.place.resources(settings: settings)
        if self.place.slots == nil, case .local(let slots) = record.mode { resources.slots = slots }
        let work = try JobWork(home: home, session: session, place: place, resources: resources)
        try await work.closing { () async throws(TalkootError) in
            let package = try await work.module(record.module.digest.description)
            let coordinator = try Coordinator.resume(
                directory: listing.directory, module: try JobModule(package), launcher: work.launcher,
                terms: Self.terms(record, deadline: deadline), capsules: work.capsules, logger: LogOutput.quiet)
            try await work.run(coordinator, name: record.module.name, json: format.json)
        }
    }

    /// Whether the job is a detached one and a coordinator runs that can take it.
    private func isDetached(_ home: Home) throws(TalkootError) -> Bool {
        guard place.on == nil, place.slots == nil, try JobListing.find(job, home: home).record.terms?.isDetached == true else {
            return false
        }
        return try home.runningCoordinator() != nil
    }

    private func handBack(_ order: JobOrder, _ address: String?, _ home: Home) async throws(TalkootError) {
        let answer = try await CoordinatorPlace.use(address, home: home) { line throws(TalkootError) in
            try await line.ask("resume", order, as: StateAnswer.self)
        }
        StandardStream.note("talkoot: the coordinator goes on with job \(answer.job); follow it with `talkoot watch \(answer.job)`")
    }

    /// The terms from now on: a job that this process works on is no longer detached, and a deadline that has passed counts no more.
    private static func terms(_ record: JobRecord, deadline: Double?) -> JobRecord.Terms {
        var terms = record.terms ?? JobRecord.Terms()
        let now = WallTime.seconds()
        terms.isDetached = false
        terms.deadline = deadline.map { now + Int64($0) } ?? terms.deadline.flatMap { $0 > now ? $0 : nil }
        return terms
    }
}
