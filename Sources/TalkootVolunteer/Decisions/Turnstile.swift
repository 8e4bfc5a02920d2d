/// Shares the slots between the jobs: a cell runs only while its job holds a permit, and there are as many permits as slots.
///
/// Pure. A job alone gets every permit; when another job waits, the one that holds the most gives up one after its turn.
struct Turnstile: Sendable {
    /// One waiting slot.
    typealias Ticket = Int

    /// The answer to `enter`.
    enum Entry: Hashable, Sendable {
        /// Run now.
        case go
        /// Wait until `leave` or `abandon` names this ticket.
        case wait(Ticket)
    }

    private var free: Int
    private var holding: [Governor.Seat: Int] = [:]
    private var waiting: [(seat: Governor.Seat, ticket: Ticket)] = []
    private var nextTicket = 0

    /// A turnstile with that many permits, at least 1.
    init(permits: Int) { free = max(1, permits) }

    /// How many permits are held.
    var busy: Int { holding.values.reduce(0, +) }

    /// How many permits a job holds.
    func busy(_ seat: Governor.Seat) -> Int { holding[seat, default: 0] }

    /// Asks for a permit.
    mutating func enter(_ seat: Governor.Seat) -> Entry {
        if free > 0 {
            free -= 1
            holding[seat, default: 0] += 1
            return .go
        }
        nextTicket += 1
        waiting.append((seat, nextTicket))
        return .wait(nextTicket)
    }

    /// Gives a permit back.
    ///
    /// - Returns: the ticket that holds it now, if somebody waited.
    mutating func leave(_ seat: Governor.Seat) -> Ticket? {
        guard let held = holding[seat], held > 0 else { return nil }
        holding[seat] = held == 1 ? nil : held - 1
        let next = waiting.indices.min { busy(waiting[$0].seat) < busy(waiting[$1].seat) }
        guard let next else {
            free += 1
            return nil
        }
        let admitted = waiting.remove(at: next)
        holding[admitted.seat, default: 0] += 1
        return admitted.ticket
    }

    /// Stops waiting.
    ///
    /// - Returns: whether the ticket still waited; if not, it holds a permit, which the caller must give back.
    mutating func abandon(_ ticket: Ticket) -> Bool {
        guard let place = waiting.firstIndex(where: { $0.ticket == ticket }) else { return false }
        waiting.remove(at: place)
        return true
    }

    /// Whether a job that used up its turn should let another one in: somebody waits whose job holds fewer permits.
    func shouldYield(_ seat: Governor.Seat) -> Bool {
        waiting.contains { $0.seat != seat && busy($0.seat) < busy(seat) }
    }
}
