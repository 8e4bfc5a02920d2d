import ArgumentParser
import TalkootCore
import TalkootPeer

/// `talkoot whoami`: this installation's identity and logins.
struct WhoamiCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Show who this installation is, and where it is logged in.",
        discussion: """
            talkoot whoami
            talkoot whoami --json
            """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    private struct Answer: Encodable {
        var peer: String
        var home: String
        var current: String?
        var logins: [String: String]
    }

    func run() async throws {
        let home = try home.locate()
        let identity = try PeerIdentity.loadOrCreate(directory: home.directory)
        let session = try Session.load(home: home)
        if output.json {
            return try JSONText.print(
                Answer(
                    peer: identity.id.description, home: home.directory, current: session.current,
                    logins: session.logins.mapValues(\.name)))
        }
        try StandardStream.print("peer   \(identity.id)")
        try StandardStream.print("home   \(home.directory)")
        for (tracker, login) in session.logins.sorted(by: { $0.key < $1.key }) {
            try StandardStream.print("login  \(login.name) at \(tracker)\(tracker == session.current ? " (used by `talkoot run`)" : "")")
        }
        if session.logins.isEmpty { StandardStream.note("talkoot: not logged in anywhere; `talkoot run` works on this machine") }
    }
}
