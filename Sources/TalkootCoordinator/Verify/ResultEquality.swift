import Synchronization
import TalkootCore
import TalkootScheduling

/// What results are compared by when the module says itself which of them agree (`determinism: tolerance`): results that its `equal` takes
/// for the same get the same digest, that of the first of them, so that the scheduler need not know of it.
///
/// The first result of a unit is the one in the journal. Those that agree with it leave nothing behind; the others are kept, since somebody
/// else may agree with them. `equal` runs in a cell of its own, which blocks the caller for some microseconds; only units that somebody ran
/// before are compared, which are few.
final class ResultEquality: Sendable {
    /// Gives the bytes of a unit's durable result; nil when there is none.
    typealias Stored = @Sendable (UInt64) -> [UInt8]?

    private struct State {
        var cell: OwnCell?
        /// The results that do not agree with each other, of units where there are several.
        var dissent: [UInt64: [[UInt8]]] = [:]
        var dissentBytes = 0
    }

    private let makeCell: @Sendable () -> sending OwnCell
    private let stored: Stored
    private let state = Mutex(State())

    init(cell: @escaping @Sendable () -> sending OwnCell, stored: @escaping Stored) {
        makeCell = cell
        self.stored = stored
    }

    /// The digests of a host's results, in the order of their units. `isDurable` says which units have a result already.
    func digests(of results: UnitResultBytes, isDurable: (UInt64) -> Bool) -> [ResultDigest] {
        results.units.map { unit in
            let bytes = results.bytes(of: unit)
            return state.withLock { state in
                var known = state.dissent[unit] ?? []
                if known.isEmpty, isDurable(unit), let first = stored(unit) { known = [first] }
                if known.isEmpty { return UnitResultBytes.digest(of: bytes) }
                if let same = known.first(where: { $0.elementsEqual(bytes) || agree($0, Array(bytes), &state) }) {
                    return UnitResultBytes.digest(of: same[...])
                }
                keep(known + [Array(bytes)], of: unit, &state)
                return UnitResultBytes.digest(of: bytes)
            }
        }
    }

    /// An `equal` that fails or takes too long says no.
    private func agree(_ left: [UInt8], _ right: [UInt8], _ state: inout State) -> Bool {
        let cell = state.cell ?? makeCell()
        state.cell = cell
        return (try? cell.equal(left, right)) ?? false
    }

    /// What finds no room is forgotten: who gave it stands alone then, and the requester's own cell decides.
    private func keep(_ results: [[UInt8]], of unit: UInt64, _ state: inout State) {
        let bytes = results.reduce(0) { $0 + $1.count } - (state.dissent[unit] ?? []).reduce(0) { $0 + $1.count }
        guard state.dissentBytes + bytes <= CoordinatorLimits.dissentBytes else { return }
        state.dissentBytes += bytes
        state.dissent[unit] = results
    }
}
