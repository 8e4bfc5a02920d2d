import ArgumentParser
import TalkootCore

/// `talkoot logout`: forgets a login.
struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "Forget the login at a tracker.",
        discussion: """
            talkoot logout
            talkoot logout --tracker tracker.example.org

            Afterwards `talkoot run` works on this machine again.
            """)

    @Option(name: .long, help: ArgumentHelp("The tracker; without it that of the latest login.", valueName: "tracker"))
    var tracker: String?
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let home = try home.locate()
        var session = try Session.load(home: home)
        let endpoint = try TrackerAddress.resolve(flag: tracker, settings: try await Settings(home: home), session: session)
        let key = TrackerAddress.key(endpoint)
        guard session.logins.removeValue(forKey: key) != nil else {
            throw TalkootError(.notFound, "there is no login at \(key)", remedy: "see `talkoot whoami`")
        }
        if session.current == key { session.current = nil }
        try session.save(home: home)
        StandardStream.note("talkoot: logged out of \(key)")
    }
}
