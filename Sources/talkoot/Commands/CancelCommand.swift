import ArgumentParser
import Glibc
import TalkootCore
import TalkootStore

/// `talkoot cancel`: gives a job up.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Give a job up, also one that runs in another terminal.",
        discussion: """
            talkoot cancel last
            talkoot cancel 4f1c
            talkoot cancel 4f1c --at cluster.example.org:7119

            A cancelled job cannot be resumed.
            """)

    @Argument(help: "The job's id, a unique beginning of it, or `last`.") var job: String
    @OptionGroup var place: CoordinatorOptions

    /// How long the process that works on the job has to give it up.
    static let patience = Duration.seconds(15)

    func run() async throws {
        let home = try place.home.locate()
        if let address = try await place.address(home) { return try await order(address, home) }
        let listing = try JobListing.find(job, home: home)
        if listing.isKept, !listing.record.state.isFinal { return try await order(nil, home) }
        let id = listing.record.id
        guard !listing.record.state.isFinal else {
            throw TalkootError(.usage, "job \(id) is \(listing.state) already", remedy: "there is nothing to cancel")
        }
        if listing.isHeld {
            try CancelMarker.set(directory: listing.directory)
            try await Self.waitForRelease(listing)
        }
        let journal = try JobJournal.open(directory: listing.directory, access: .exclusive)
        switch try journal.record().state {
        case .running:
            try journal.setState(.cancelled, now: Int64(time(nil)))
            StandardStream.note("talkoot: job \(id) is cancelled")
        case .cancelled: StandardStream.note("talkoot: job \(id) is cancelled")
        case let state: throw TalkootError(.usage, "job \(id) was \(state) before it could be cancelled")
        }
        CancelMarker.remove(directory: listing.directory)
    }

    /// Tells a coordinator to give the job up.
    private func order(_ address: String?, _ home: Home) async throws(TalkootError) {
        let answer = try await CoordinatorPlace.use(address, home: home) { line throws(TalkootError) in
            try await line.ask("cancel", JobOrder(job: job), as: StateAnswer.self)
        }
        guard answer.state == "cancelled" else {
            throw TalkootError(.usage, "job \(answer.job) was \(answer.state) before it could be cancelled")
        }
        StandardStream.note("talkoot: job \(answer.job) is cancelled")
    }

    private static func waitForRelease(_ listing: JobListing) async throws(TalkootError) {
        let end = ContinuousClock.now + patience
        while JobJournal.isHeld(directory: listing.directory) {
            guard ContinuousClock.now < end else {
                throw TalkootError(
                    .tryLater, "the process that works on job \(listing.record.id) does not give it up",
                    remedy: "stop that process, then cancel again")
            }
            do { try await Task.sleep(for: .milliseconds(50)) } catch { throw TalkootError(.interrupted, "interrupted") }
        }
    }
}
