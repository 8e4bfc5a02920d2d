import Synchronization

/// The turnstile as threads use it: they wait at the gate until they hold a permit.
final class TurnstileGate: Sendable {
    private struct State {
        var turnstile: Turnstile
        var bells: [Turnstile.Ticket: Bell] = [:]
    }

    private let state: Mutex<State>

    /// A gate with that many permits.
    init(permits: Int) { state = Mutex(State(turnstile: Turnstile(permits: permits))) }

    /// How many permits are held.
    var busy: Int { state.withLock { $0.turnstile.busy } }

    /// How many permits a job holds.
    func busy(_ seat: Governor.Seat) -> Int { state.withLock { $0.turnstile.busy(seat) } }

    /// Waits for a permit. The bell may ring for other reasons too: then `isOver` is asked.
    ///
    /// - Returns: whether the caller holds a permit; `false` when it is over.
    func enter(_ seat: Governor.Seat, bell: Bell, isOver: () -> Bool) -> Bool {
        let entry = state.withLock { state in
            let entry = state.turnstile.enter(seat)
            if case .wait(let ticket) = entry { state.bells[ticket] = bell }
            return entry
        }
        guard case .wait(let ticket) = entry else { return true }
        while state.withLock({ $0.bells[ticket] != nil }) {
            if isOver() {
                let stillWaited = state.withLock { state in
                    state.bells[ticket] = nil
                    return state.turnstile.abandon(ticket)
                }
                if !stillWaited { leave(seat) }
                return false
            }
            bell.wait(seconds: 3_600)
        }
        return true
    }

    /// Gives a permit back.
    func leave(_ seat: Governor.Seat) {
        let bell = state.withLock { state in
            state.turnstile.leave(seat).flatMap { state.bells.removeValue(forKey: $0) }
        }
        bell?.ring()
    }

    /// Whether the job should let another one in.
    func shouldYield(_ seat: Governor.Seat) -> Bool { state.withLock { $0.turnstile.shouldYield(seat) } }

    /// Whether somebody waits.
    var isCrowded: Bool { state.withLock { !$0.bells.isEmpty } }
}
