import ArgumentParser
import TalkootCore
import TalkootPeer

/// `talkoot login`: exchanges a password for a token that this installation keeps.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Log in to a tracker.",
        discussion: """
            talkoot login ann --tracker tracker.example.org

            The login is kept for 30 days as a token that only this installation can use. From then on `talkoot run` uses the \
            tracker's volunteers unless told otherwise with `--on local`.
            """)

    @Argument(help: "The account's name.") var name: String
    @OptionGroup var password: PasswordOptions
    @OptionGroup var tracker: TrackerOptions

    func run() async throws {
        try await tracker.use { (use) async throws(TalkootError) in
            let secret = try PasswordPrompt.read(file: password.passwordFile, name: "\(name) at \(use.key)", isNew: false)
            let client = try await use.dialer.connect(use.endpoint)
            try await Self.login(client, name: name, password: secret, use: use)
            await client.quit()
            StandardStream.note("talkoot: logged in at \(use.key) as \(name)")
        }
    }

    /// Logs in and stores the token.
    ///
    /// - Throws: ``TalkootError`` `refused` for a wrong name or password.
    static func login(_ client: TrackerClient, name: String, password: String, use: TrackerUse) async throws(TalkootError) {
        guard let token = try await client.login(name: name, password: password) else {
            throw TalkootError(.internalError, "the tracker \(use.key) gave no token", remedy: "is it a current talkoot tracker?")
        }
        var session = use.session
        session.logins[use.key] = Session.Login(name: name, token: token)
        session.current = use.key
        try session.save(home: use.home)
    }
}
