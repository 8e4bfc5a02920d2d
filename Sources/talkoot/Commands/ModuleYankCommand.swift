import ArgumentParser
import TalkootCore
import TalkootPeer

/// `talkoot module yank`: withdraws a version from a tracker.
struct ModuleYankCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "yank",
        abstract: "Withdraw a version of your module from a tracker, or take that back.",
        discussion: """
            talkoot module yank primes@1.2.0 --reason "wrong above 2^32"
            talkoot module yank primes@1.2.0 --undo

            Whoever asks for the name gets the newest version that is not yanked, and who asks for this version reads the reason \
            instead. By its digest it can still be had, and jobs under way go on with it. Only the account that published it may do this.
            """)

    @Argument(help: "NAME@VERSION.") var module: String
    @Option(name: .long, help: ArgumentHelp("Why, for those who asked for it.", valueName: "text")) var reason: String?
    @Flag(name: .long, help: "Offer it again.") var undo = false
    @OptionGroup var tracker: TrackerOptions

    func validate() throws {
        if undo == (reason != nil) { throw ValidationError("give either --reason TEXT or --undo") }
    }

    func run() async throws {
        let parts = module.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let version = SemanticVersion(parts[1]) else {
            throw TalkootError(
                .usage, "`\(module)` is no NAME@VERSION", remedy: "see `talkoot modules --tracker TRACKER` for what there is")
        }
        try await tracker.use { (use) async throws(TalkootError) in
            let (client, _) = try await use.dialer.authenticated(use.endpoint, session: use.session)
            try await client.yank(name: parts[0], version: version, reason: undo ? nil : reason)
            await client.quit()
            StandardStream.note("talkoot: \(module) is \(undo ? "offered again" : "yanked") at \(use.key)")
        }
    }
}
