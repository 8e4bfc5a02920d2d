import ArgumentParser
import TalkootCore

/// `--home`, which every command takes.
struct HomeOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Where keys, modules, jobs and logins are kept.", valueName: "dir"))
    var home: String?

    /// The home that the flag, the environment or the user's directory name.
    ///
    /// - Throws: ``TalkootError`` when there is none or it cannot be made.
    func locate() throws(TalkootError) -> Home { try Home(flag: home) }
}

/// `--json`, for every command that prints a table.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON for a program instead of text for a person.")
    var json = false
}
