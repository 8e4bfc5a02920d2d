import Synchronization
import TalkootCore

/// Ends what a ``RangeRunner`` runs, from any thread: the cell is killed at once, whatever its module does.
public final class Interruption: Sendable {
    private struct State {
        var cell: Cell?
        var isOn = false
    }

    private let state = Mutex(State())

    /// Kills the cell. The run throws `interrupted`, and so does every later one; nothing of the killed unit is handed over.
    public func interrupt() {
        let cell = state.withLock { state in
            state.isOn = true
            defer { state.cell = nil }
            return state.cell
        }
        cell?.close()
    }

    /// The runner's cell from now on.
    func watch(_ cell: Cell) {
        let isOn = state.withLock { state in
            if !state.isOn { state.cell = cell }
            return state.isOn
        }
        if isOn { cell.close() }
    }

    /// The runner has no cell now.
    func forget() { state.withLock { $0.cell = nil } }

    /// Throws `interrupted` after ``interrupt()``.
    func check() throws(TalkootError) {
        if state.withLock({ $0.isOn }) { throw TalkootError(.interrupted, "the work was stopped") }
    }
}
