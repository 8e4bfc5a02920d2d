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

    /// Whether cells are paused, also those that start now.
    var isPaused: Bool { state.withLock { $0.isPaused } }

    /// Takes note of a new cell. With `processors` its processor time is watched here.
    func add(_ process: CellProcess, processors: Double?) {
        let budget = processors.map { ProcessorBudget(processors: $0, at: Self.now, used: max(0, process.processorSeconds)) }
        let isPaused = state.withLock { state in
            state.entries[ObjectIdentifier(process)] = Entry(process: process, budget: budget)
            return state.isPaused
        }
        if isPaused { process.hold(.owner) }
    }

    /// The cell is gone.
    func remove(_ process: ObjectIdentifier) { state.withLock { _ = $0.entries.removeValue(forKey: process) } }

    /// Pauses all cells, or lets them go on.
    func setPaused(_ isPaused: Bool) {
        let processes = state.withLock { state in
            state.isPaused = isPaused
            return state.entries.values.compactMap(\.process)
        }
        for process in processes {
            if isPaused { process.hold(.owner) } else { process.release(.owner) }
        }
    }

    /// Stops the cells that have used up their part, and lets the others go on.
    ///
    /// - Returns: whether there is any cell to be watched.
    func share() -> Bool {
        let now = Self.now
        let orders = state.withLock { state -> [(CellProcess, Bool)] in
            var orders: [(CellProcess, Bool)] = []
            for (key, entry) in state.entries {
                guard let process = entry.process, var budget = entry.budget, case let used = process.processorSeconds, used >= 0 else {
                    continue
                }
                orders.append((process, budget.mayRun(at: now, used: used)))
                state.entries[key]?.budget = budget
            }
            return orders
        }
        for (process, mayRun) in orders {
            if mayRun { process.release(.share) } else { process.hold(.share) }
        }
        return !orders.isEmpty
    }

    private static var now: Double { Double(talkoot_now()) * 1e-9 }
}
