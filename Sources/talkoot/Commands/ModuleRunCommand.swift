import ArgumentParser
import TalkootCheck
import TalkootCore

/// `talkoot module run`: one unit, here and now.
struct ModuleRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Build a module and run one unit of it in a cell here: the quickest way to try a change.",
        discussion: """
            talkoot module run . limit=1000
            talkoot module run Modules/wordcount --input book.txt
            talkoot module run . limit=1e9 --unit-size 1e6 --unit 3

            Without --unit-size the one unit holds all items of the job, so what is printed is the job's output. What the \
            module logs goes to standard error.
            """)

    @Argument(help: "The module's directory.") var directory: String
    @Argument(help: ArgumentHelp("The module's parameters.", valueName: "name=value")) var parameters: [String] = []
    @Option(name: .shortAndLong, help: ArgumentHelp("The input.", valueName: "file")) var input: String?
    @Option(name: .long, help: ArgumentHelp("How many items make a unit; all when left out.", valueName: "items")) var unitSize: String?
    @Option(name: .long, help: ArgumentHelp("Which unit (default: 0).", valueName: "n")) var unit: String = "0"
    @Option(name: .long, help: ArgumentHelp("How long it may run (default: 600s).", valueName: "duration")) var timeout: String = "600s"

    /// The largest input of one unit, in bytes.
    private static let inputBytes = 256 << 20

    func run() async throws {
        let subject = try CheckSubject(directory: directory)
        let manifest = subject.manifest
        let values = try manifest.resolve(try ParameterText.parse(parameters))
        guard (input == nil) == (manifest.input == .none) else {
            throw TalkootError(
                .usage, input == nil ? "\(manifest.name) reads an input (\(manifest.input))" : "\(manifest.name) reads no input",
                remedy: input == nil ? "give --input FILE" : "leave out --input")
        }
        let content = try input.map { path throws(TalkootError) in try FileBytes.read(path, limit: Self.inputBytes) }
        let run = try UnitRun(
            subject, parameters: values, input: content, unit: try number(unit, "--unit", from: 0),
            itemsPerUnit: try unitSize.map { text throws(TalkootError) in try number(text, "--unit-size", from: 1) },
            unitSeconds: try DurationText.seconds(timeout, place: "--timeout"))
        StandardStream.noteRaw(run.log)
        if let failure = run.failure { throw TalkootError(.jobFailed, failure, remedy: "see what it logged above") }
        let size = NumberText.size(UInt64(run.output.count))
        StandardStream.note(
            "talkoot: unit \(unit) of \(run.units), \(run.items) items in the job, \(ProgressText.fixed(run.seconds * 1000, decimals: 3)) ms, \(size)"
        )
        try StandardStream.write(run.output)
    }

    private func number(_ text: String, _ flag: String, from least: Int64) throws(TalkootError) -> UInt64 {
        guard let value = NumberText.integer(text), value >= least else {
            throw TalkootError(.usage, "\(flag) \(text) is no whole number of at least \(least)", remedy: "write 1000 or 1e3")
        }
        return UInt64(value)
    }
}
