import Glibc
import TalkootCore

/// Standard output for results, standard error for everything else.
enum StandardStream {
    /// Makes a closed pipe an error of `write` instead of a silent death; called once, first.
    static func prepare() { signal(SIGPIPE, SIG_IGN) }

    /// Prints a line of a result.
    ///
    /// - Throws: ``TalkootError`` `inputOutput` when standard output cannot take it.
    static func print(_ line: String) throws(TalkootError) {
        try write(Array((line + "\n").utf8))
    }

    /// Writes bytes of a result.
    ///
    /// A reader that has gone (`talkoot jobs | head -1`) ends the process the way the shell expects, by SIGPIPE.
    ///
    /// - Throws: ``TalkootError`` `inputOutput` when standard output cannot take them, a full disk for instance.
    static func write(_ bytes: [UInt8]) throws(TalkootError) {
        let code = writeAll(bytes, to: STDOUT_FILENO)
        if code == EPIPE { dieOfBrokenPipe() }
        if code != 0 {
            throw TalkootError(
                .inputOutput, "cannot write to standard output: \(SystemText.reason(code))", remedy: "check the disk or the reader")
        }
    }

    /// Prints a line for the person who looks on; a lost one is no failure.
    static func note(_ line: String) {
        _ = writeAll(Array((line + "\n").utf8), to: STDERR_FILENO)
    }

    /// Writes text to standard error without a newline.
    static func noteRaw(_ text: String) {
        _ = writeAll(Array(text.utf8), to: STDERR_FILENO)
    }

    /// Prints the report and ends the process.
    static func exit(_ report: FailureReport) -> Never {
        if report.isAnswer {
            _ = writeAll(Array((report.text + "\n").utf8), to: STDOUT_FILENO)
        } else if !report.text.isEmpty {
            note(report.text)
        }
        exit(status: report.status)
    }

    /// Ends the process.
    static func exit(status: Int32) -> Never { Glibc.exit(status) }

    /// Whether results go to a terminal.
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Writes everything; 0 or the error number.
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = Glibc.poll(&poll, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    private static func dieOfBrokenPipe() -> Never {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
        Glibc.exit(74)
    }
}
