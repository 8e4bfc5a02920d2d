import ArgumentParser
import TalkootCore
import TalkootStore

/// `--priority` and `--deadline`: for `run` and `resume`.
struct TermsOptions: ParsableArguments {
    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp(
            "Which of your jobs goes first at a coordinator: -100 to 100, the higher the sooner (default: 0).", valueName: "n"))
    var priority: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "When it must be finished, from now: 90s, 10m, 2h. A job that is not has failed; resume goes on.", valueName: "time"))
    var deadline: String?

    /// The priority; `nil` when left out.
    ///
    /// - Throws: ``TalkootError`` `usage` when it is out of range.
    func number() throws(TalkootError) -> Int? {
        guard let priority else { return nil }
        guard let number = Int(priority), JobRecord.Terms.priorities.contains(number) else {
            throw TalkootError(.usage, "--priority \(priority) is no whole number from -100 to 100", remedy: "give one, 10 for instance")
        }
        return number
    }

    /// The seconds to the deadline; `nil` when there is none.
    ///
    /// - Throws: ``TalkootError`` `usage` when it is no time.
    func seconds() throws(TalkootError) -> Double? {
        try deadline.map { (text) throws(TalkootError) in try DurationText.seconds(text, place: "--deadline") }
    }
}
