import CTalkootSystem
import Synchronization

/// A unit index that another thread can lower while a batch or a range runs: units at or after it are not started.
///
/// A cell that runs under the line sees each change between two units, and its module in `should_stop`.
public final class StopLine: Sendable {
    private struct State {
        var unit: UInt64
        /// Request pages of the cells that run under this line now, as addresses.
        var pages: [UInt] = []
    }

    private let state: Mutex<State>

    /// A line before `unit`; `UInt64.max` stops nothing.
    public init(_ unit: UInt64) { state = Mutex(State(unit: unit)) }

    /// The first unit that is not to be started.
    public var unit: UInt64 { state.withLock { $0.unit } }

    /// Moves the line down; a unit above the present one changes nothing.
    public func lower(to unit: UInt64) {
        state.withLock { state in
            guard unit < state.unit else { return }
            state.unit = unit
            for page in state.pages { Self.write(unit, to: page) }
        }
    }

    /// Shows the line to a cell through its request page until ``detach(page:)``.
    func attach(page: UInt) {
        state.withLock { state in
            Self.write(state.unit, to: page)
            state.pages.append(page)
        }
    }

    /// Leaves the page alone from now on: it may be unmapped.
    func detach(page: UInt) {
        state.withLock { state in
            if let index = state.pages.firstIndex(of: page) { state.pages.remove(at: index) }
        }
    }

    private static func write(_ unit: UInt64, to page: UInt) {
        talkoot_wire_set_stop_line(UnsafeMutablePointer(bitPattern: page), unit)
    }
}
