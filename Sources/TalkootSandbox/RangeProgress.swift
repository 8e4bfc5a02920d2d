import Synchronization

/// How far a ``RangeRunner`` is in its range, also between two hand-overs, for whoever plans what comes next.
public final class RangeProgress: Sendable {
    private struct State {
        var batch: Range<UInt64>?
        var cell: Cell?
    }

    private let state = Mutex(State())

    /// The first unit that is not finished, as the cell says, which may lie: a hint. `nil` while nothing runs.
    public var next: UInt64? {
        let (batch, cell) = state.withLock { ($0.batch, $0.cell) }
        guard let batch, let cell else { return nil }
        return batch.lowerBound + min(cell.process.unitsDone, UInt64(batch.count))
    }

    /// A batch runs.
    func begin(_ batch: Range<UInt64>, in cell: Cell) { state.withLock { $0 = State(batch: batch, cell: cell) } }

    /// Nothing runs.
    func end() { state.withLock { $0 = State() } }
}
