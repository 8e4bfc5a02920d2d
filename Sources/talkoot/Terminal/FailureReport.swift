import ArgumentParser
import TalkootCore

/// What the command leaves behind when it ends early: a text, the stream it goes to and an exit status.
struct FailureReport {
    /// The text to print, without its last newline; empty for nothing.
    let text: String
    /// Whether the text was asked for (help, version) and so belongs on standard output.
    let isAnswer: Bool
    /// The exit status, after sysexits.h.
    let status: Int32

    /// Puts an error of any kind into words.
    init(_ error: any Error) {
        switch error {
        case let error as TalkootError:
            self.init(text: "talkoot: \(error)", status: error.exitStatus)
        case let error as ExitCode:
            self.init(text: "", status: error.rawValue)
        case is CancellationError:
            self.init(text: "talkoot: interrupted", status: 130)
        default:
            self.init(parserError: error)
        }
    }

    /// Help and version requests, and mistakes on the command line; anything else is a bug here.
    private init(parserError error: any Error) {
        switch Talkoot.exitCode(for: error) {
        case .success:
            self.init(text: Talkoot.fullMessage(for: error), isAnswer: true, status: 0)
        case .validationFailure:
            self.init(text: Self.usageLine(for: error), status: 64)
        default:
            self.init(text: "talkoot: internal error: \(error)", status: 70)
        }
    }

    private init(text: String, isAnswer: Bool = false, status: Int32) {
        self.text = text
        self.isAnswer = isAnswer
        self.status = status
    }

    /// One line: what is wrong, then where the help is.
    private static func usageLine(for error: any Error) -> String {
        let message = Talkoot.message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
        let lines = Talkoot.fullMessage(for: error).split(whereSeparator: \.isNewline)
        let see = lines.last { $0.contains("--help'") }
        let help = see.flatMap { $0.split(separator: "'").dropFirst().first }.map(String.init) ?? "talkoot --help"
        var what = Substring(message)
        while what.last == "." { what = what.dropLast() }
        return "talkoot: \(what); see '\(help)'"
    }
}
