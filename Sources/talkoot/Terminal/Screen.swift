import Glibc

/// The terminal that standard error is connected to, when it is one.
enum Screen {
    /// Whether progress can be drawn over itself.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb" }

    /// The width in columns, 80 when unknown.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// A variable of the environment, `nil` when absent or empty.
    static func environment(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }
}
