import Glibc
import TalkootCore

/// A password from the terminal, without echo, or from a file.
enum PasswordPrompt {
    /// The longest password, in bytes.
    static let limitBytes = 1024

    /// Reads the first line of `file` (`-` is standard input), or asks on the terminal, twice when `isNew`.
    ///
    /// - Throws: ``TalkootError`` `notFound` or `inputOutput` for a file that cannot be read, `usage` without a terminal, for an
    ///   empty password or for two different ones, `interrupted` on Ctrl-C.
    static func read(file: String?, name: String, isNew: Bool) throws(TalkootError) -> String {
        let password: String
        if let file {
            password = try firstLine(of: file)
        } else {
            password = try ask("Password for \(name): ")
            if isNew, try ask("Again: ") != password {
                throw TalkootError(.usage, "the two passwords differ", remedy: "try again")
            }
        }
        guard !password.isEmpty, password.utf8.count <= limitBytes else {
            throw TalkootError(.usage, "a password has 1 to \(limitBytes) bytes", remedy: "choose another")
        }
        return password
    }

    private static func firstLine(of file: String) throws(TalkootError) -> String {
        let bytes = try file == "-" ? FileBytes.readStandardInput(limit: 2 * limitBytes) : FileBytes.read(file, limit: 64 << 10)
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    }

    private static func ask(_ question: String) throws(TalkootError) -> String {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else {
            throw TalkootError(.usage, "there is no terminal to ask for the password", remedy: "give --password-file FILE")
        }
        defer { close(terminal) }
        var before = termios()
        guard tcgetattr(terminal, &before) == 0 else {
            throw TalkootError(.usage, "there is no terminal to ask for the password", remedy: "give --password-file FILE")
        }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
        tcsetattr(terminal, TCSAFLUSH, &silent)
        defer { tcsetattr(terminal, TCSAFLUSH, &before) }
        write(question, to: terminal)
        defer { write("\n", to: terminal) }
        return try readLine(from: terminal)
    }

    /// Reads up to a newline. Signals are off meanwhile, so that the echo comes back whatever is typed.
    private static func readLine(from terminal: Int32) throws(TalkootError) -> String {
        var bytes: [UInt8] = []
        while bytes.count <= limitBytes {
            var byte: UInt8 = 0
            let count = Glibc.read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count <= 0 || byte == UInt8(ascii: "\n") { break }
            if byte == 3 { throw TalkootError(.interrupted, "interrupted") }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        _ = text.utf8CString.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count - 1) }
    }
}
