import ArgumentParser
import TalkootCore

/// `talkoot module trust`: whose modules this machine runs without asking.
struct ModuleTrustCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "List, add or remove publishers and modules that this installation trusts.",
        discussion: """
            talkoot module trust                                list them
            talkoot module trust tkp1-abcd… --name alice        trust everything that this publisher signed
            talkoot module trust 1f3a…                          trust one module, by its whole identity
            talkoot module trust tkp1-abcd… --remove

            `talkoot volunteer --accept trusted` runs only what is trusted, `--accept ask` asks for the rest. A publisher's \
            name stands in `talkoot module inspect FILE`; ask the publisher whether it is right.
            """)

    @Argument(help: "A publisher (tkp1…) or a module's identity (64 digits).") var publisher: String?
    @Option(name: .long, help: ArgumentHelp("A note for yourself, whose it is.", valueName: "text")) var name: String?
    @Flag(name: .long, help: "Trust it no more.") var remove = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let trust = TrustFile(home: try home.locate())
        guard let publisher else {
            let entries = try trust.read()
            if output.json { return try JSONText.print(entries) }
            if entries.isEmpty { return StandardStream.note("talkoot: nobody is trusted yet; `talkoot module trust PUBLISHER`") }
            var table = Table("PUBLISHER OR MODULE", "NAME")
            for entry in entries { table.add(entry.key, entry.name) }
            return try table.print()
        }
        if remove {
            try trust.remove(publisher)
            StandardStream.note("talkoot: \(publisher) is not trusted any more")
        } else {
            try trust.add(TrustFile.Entry(key: publisher, name: name ?? ""))
            StandardStream.note("talkoot: \(publisher) is trusted from now on; a volunteer that runs learns it when it starts again")
        }
    }
}
