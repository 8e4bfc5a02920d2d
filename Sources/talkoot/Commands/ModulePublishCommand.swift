import ArgumentParser
import TalkootCore
import TalkootPackaging
import TalkootPeer

/// `talkoot module publish`: uploads a package to a tracker.
struct ModulePublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Offer a module at a tracker.",
        discussion: """
            talkoot module publish primes-1.0.0.talkoot --tracker tracker.example.org
            talkoot module publish primes
            """)

    @Argument(help: "A .talkoot file, or the name of a module in this installation.") var module: String
    @OptionGroup var tracker: TrackerOptions

    func run() async throws {
        try await tracker.use { (use) async throws(TalkootError) in
            let package = try use.home.module(module)
            let (client, name) = try await use.dialer.authenticated(use.endpoint, session: use.session)
            try await client.publish(name: package.manifest.name, path: package.path)
            await client.quit()
            StandardStream.note("talkoot: \(package.reference) is offered at \(use.key) by \(name)")
        }
    }
}
