import Glibc
import TalkootVolunteer

/// `--accept ask`: puts a job to the machine's owner on the terminal.
enum OwnerQuestion {
    /// How often the terminal is looked at, in milliseconds.
    private static let pollMilliseconds = 200

    /// Asks and waits for an answer; no terminal, or the end of the task, is a no.
    @Sendable static func ask(_ request: JobRequestSummary) async -> Bool {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else {
            StandardStream.note("talkoot: there is no terminal to ask on, so the answer is no: \(request)")
            return false
        }
        defer { close(terminal) }
        write("talkoot: \(request)\n         run it? [y/N] ", to: terminal)
        while !Task.isCancelled {
            var state = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
            if poll(&state, 1, 0) > 0 { return isYes(readLine(from: terminal)) }
            do { try await Task.sleep(for: .milliseconds(pollMilliseconds)) } catch { break }
        }
        write("\ntalkoot: the question is withdrawn\n", to: terminal)
        return false
    }

    private static func readLine(from terminal: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(terminal, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }

    private static func isYes(_ answer: String) -> Bool {
        ["y", "yes"].contains(answer.lowercased().filter { !$0.isWhitespace })
    }

    private static func write(_ text: String, to terminal: Int32) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(terminal, $0.baseAddress, $0.count) }
    }
}
