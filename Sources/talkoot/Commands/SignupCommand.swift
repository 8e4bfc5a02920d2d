import ArgumentParser
import TalkootCore
import TalkootPeer

/// `talkoot signup`: makes an account and logs in.
struct SignupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signup",
        abstract: "Make an account at a tracker and log in.",
        discussion: """
            talkoot signup ann --tracker tracker.example.org
            talkoot signup ann --tracker 127.0.0.1:7117 --password-file secret.txt

            The password is asked for without echo, or read from the first line of a file (-: standard input).
            """)

    @Argument(help: "The account's name.") var name: String
    @OptionGroup var password: PasswordOptions
    @OptionGroup var tracker: TrackerOptions

    func run() async throws {
        try await tracker.use { (use) async throws(TalkootError) in
            let secret = try PasswordPrompt.read(file: password.passwordFile, name: "\(name) at \(use.key)", isNew: true)
            let client = try await use.dialer.connect(use.endpoint)
            try await client.signup(name: name, password: secret)
            try await LoginCommand.login(client, name: name, password: secret, use: use)
            await client.quit()
            StandardStream.note("talkoot: signed up and logged in at \(use.key) as \(name)")
        }
    }
}
