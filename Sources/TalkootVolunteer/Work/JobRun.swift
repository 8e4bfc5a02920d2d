import Synchronization
import TalkootCore
import TalkootProtocol
import TalkootSandbox

/// A job's threads as the rest of the agent sees them: what can be told to them from outside.
final class JobRun: Sendable {
    private struct Slot {
        var lease: UInt64?
        var stop: StopLine?
        var interruption: Interruption?
    }

    private struct State {
        var isOver = false
        var slots: [Slot]
    }

    /// The job and its seat.
    let admission: Governor.Admission
    /// Wakes the loader.
    let loaderBell: Bell
    /// Wakes a slot's thread.
    let bells: [Bell]
    private let state: Mutex<State>

    /// A job that is to have that many slots.
    ///
    /// - Throws: ``TalkootError`` `try-later` when no file descriptor is left.
    init(admission: Governor.Admission, slots: Int) throws(TalkootError) {
        self.admission = admission
        loaderBell = try Bell()
        var bells: [Bell] = []
        for _ in 0..<slots { bells.append(try Bell()) }
        self.bells = bells
        state = Mutex(State(slots: Array(repeating: Slot(), count: slots)))
    }

    /// Whether everything of the job is to end.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Lets a thread look again.
    func wake(_ receiver: WorkSession.Receiver) {
        switch receiver {
        case .loader: loaderBell.ring()
        case .slot(let slot): bells[slot].ring()
        }
    }

    /// A slot begins a lease under this line.
    func begin(slot: Int, lease: UInt64, stop: StopLine) {
        let isOver = state.withLock { state in
            state.slots[slot].lease = lease
            state.slots[slot].stop = stop
            return state.isOver
        }
        if isOver { stop.lower(to: 0) }
    }

    /// A slot's runner can be ended by this from now on.
    func adopt(slot: Int, interruption: Interruption?) {
        let isOver = state.withLock { state in
            state.slots[slot].interruption = interruption
            return state.isOver
        }
        if isOver { interruption?.interrupt() }
    }

    /// No unit at or after `to` starts in that lease.
    func lower(slot: Int, lease: UInt64, to unit: UInt64) {
        let stop = state.withLock { $0.slots[slot].lease == lease ? $0.slots[slot].stop : nil }
        stop?.lower(to: unit)
        bells[slot].ring()
    }

    /// Ends all threads and kills all cells at once.
    func stop() {
        let slots = state.withLock { state in
            state.isOver = true
            return state.slots
        }
        for slot in slots { slot.stop?.lower(to: 0) }
        for slot in slots { slot.interruption?.interrupt() }
        for bell in bells { bell.ring() }
        loaderBell.ring()
    }
}
