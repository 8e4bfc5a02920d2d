import ArgumentParser
import TalkootCore
import TalkootPeer

/// `talkoot identity`: the key that names this installation.
struct IdentityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity",
        abstract: "Show, renew or export the key that names this installation.",
        discussion: """
            talkoot identity
            talkoot identity export > identity-backup.pem
            """,
        subcommands: [Show.self, New.self, Export.self], defaultSubcommand: Show.self)

    /// `talkoot identity show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Print the peer id; the key is made when there is none yet.",
            discussion: "talkoot identity show")
        @OptionGroup var home: HomeOptions

        func run() async throws {
            let home = try home.locate()
            try StandardStream.print(try PeerIdentity.loadOrCreate(directory: home.directory).id.description)
        }
    }

    /// `talkoot identity new`.
    struct New: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new", abstract: "Make a new key; logins of the old one end.",
            discussion: """
                talkoot identity new --replace

                Trackers and volunteers know this installation by its key: with a new one it is somebody else.
                """)
        @Flag(name: .long, help: "Replace the key that is there.") var replace = false
        @OptionGroup var home: HomeOptions

        func run() async throws {
            let home = try home.locate()
            let path = home.directory + "/identity.pem"
            guard replace || !FileBytes.exists(path) else {
                throw TalkootError(.cannotCreate, "there is a key in \(path) already", remedy: "export it first, then give --replace")
            }
            let identity = try PeerIdentity.ephemeral()
            try identity.save(directory: home.directory)
            try Session().save(home: home)
            try StandardStream.print(identity.id.description)
        }
    }

    /// `talkoot identity export`.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Print key and certificate as PEM text.",
            discussion: """
                talkoot identity export > identity-backup.pem

                Keep the copy safe: who has it can speak as this installation.
                """)
        @OptionGroup var home: HomeOptions

        func run() async throws {
            let home = try home.locate()
            try StandardStream.write(Array(try PeerIdentity.loadOrCreate(directory: home.directory).exportPEM().utf8))
        }
    }
}
