import Synchronization

/// Shows a job's progress on standard error: a bar that is drawn over itself on a terminal, a line every few seconds elsewhere.
final class ProgressDisplay: Sendable {
    /// How often a terminal is redrawn, in milliseconds.
    static let redrawMilliseconds = 100
    /// How often a log gets a line, in seconds.
    static let lineSeconds = 5.0

    private struct State {
        var isDrawn = false
        var lastLine: ContinuousClock.Instant
        var last: String = ""
    }

    private let name: String
    private let isTerminal: Bool
    /// Takes the notes of a process that shows no progress.
    private let log: (@Sendable (String) -> Void)?
    private let state: Mutex<State>

    /// A display for the job of this name.
    init(name: String, isTerminal: Bool = Screen.isTerminal) {
        self.name = name
        self.isTerminal = isTerminal
        log = nil
        state = Mutex(State(lastLine: .now))
    }

    /// For a job in the background: notes go to `log`, progress nowhere.
    init(name: String, log: @escaping @Sendable (String) -> Void) {
        self.name = name
        self.log = log
        isTerminal = false
        state = Mutex(State(lastLine: .now))
    }

    /// Shows the figures, if it is time to.
    func show(_ figures: ProgressFigures) {
        guard log == nil else { return }
        if isTerminal {
            let text = ProgressText.bar(name, figures, columns: Screen.columns)
            state.withLock { state in
                guard !state.isDrawn || state.last != text else { return }
                StandardStream.noteRaw("\r\u{1B}[K" + text)
                (state.isDrawn, state.last) = (true, text)
            }
        } else {
            let now = ContinuousClock.now
            let isDue = state.withLock { state in
                guard now - state.lastLine >= .seconds(Self.lineSeconds) else { return false }
                state.lastLine = now
                return true
            }
            if isDue { StandardStream.note(ProgressText.line(name, figures)) }
        }
    }

    /// Prints a line about something else and leaves the bar below it intact.
    func note(_ line: String) {
        if let log { return log(line) }
        clear()
        StandardStream.note(line)
    }

    /// Removes the bar.
    func clear() {
        state.withLock { state in
            guard state.isDrawn else { return }
            StandardStream.noteRaw("\r\u{1B}[K")
            state.isDrawn = false
        }
    }
}
