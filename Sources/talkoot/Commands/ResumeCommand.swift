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

            What is finished stays finished. The job runs where it ran before unless --on says otherwise.
            """)

    @Argument(help: "The job's id, a unique beginning of it, or `last`.") var job: String
    @OptionGroup var place: JobPlaceOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let home = try home.locate()
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
                directory: listing.directory, module: try JobModule(package), launcher: work.launcher, capsules: work.capsules,
                logger: LogOutput.quiet)
            try await work.run(coordinator, name: record.module.name, json: format.json)
        }
    }
}
