import CTalkootSystem
import Synchronization

/// The living cells of a launcher: those that are paused together, and share out processor time where the kernel does not.
final class CellRegistry: Sendable {
    private struct Entry {
        weak var process: CellProcess?
        var budget: ProcessorBudget?
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var isPaused = false
    }

    private let state = Mutex(State())
    /// Held while a pause begins or ends, so that no cell is left behind in the other state.
    private let pausing = Mutex(())

    /// Whether cells are paused, also those that start now.
    var isPaused: Bool { state.withLock { $0.isPaused } }

    /// Takes note of a new cell. With `processors` its processor time is watched here.
    func add(_ process: CellProcess, processors: Double?) {
        let budget = processors.map { ProcessorBudget(processors: $0, at: Self.now, used: max(0, process.processorSeconds)) }
        pausing.withLock { _ in
            let isPaused = state.withLock { state in
                state.entries[ObjectIdentifier(process)] = Entry(process: process, budget: budget)
                return state.isPaused
            }
            if isPaused { process.hold(.owner) }
        }
    }

    /// The cell is gone.
    func remove(_ process: ObjectIdentifier) { state.withLock { _ = $0.entries.removeValue(forKey: process) } }

    /// Pauses all cells, or lets them go on.
    func setPaused(_ isPaused: Bool) {
        pausing.withLock { _ in
            let processes = state.withLock { state in
                state.isPaused = isPaused
                return state.entries.values.compactMap(\.process)
            }
            for process in processes {
                if isPaused { process.hold(.owner) } else { process.release(.owner) }
            }
        }
    }

    /// Stops the cells that have used up their part, and lets the others go on.
    ///
    /// - Returns: whether there is any cell to be watched.
    func share() -> Bool {
        // No cell may lose its last owner under the lock: its end takes it, too.
        let watched = state.withLock { $0.entries.values.compactMap { $0.budget == nil ? nil : $0.process } }
        for process in watched {
            let (now, used) = (Self.now, process.processorSeconds)
            guard used >= 0 else { continue }
            let mayRun = state.withLock { $0.entries[ObjectIdentifier(process)]?.budget?.mayRun(at: now, used: used) ?? true }
            if mayRun { process.release(.share) } else { process.hold(.share) }
        }
        return !watched.isEmpty
    }

    private static var now: Double { Double(talkoot_now()) * 1e-9 }
}
