import TalkootCore
import TalkootProtocol

extension WorkSession {
    /// Bytes came.
    mutating func chunk(stream: UInt32, offset: UInt64, bytes: [UInt8], isLast: Bool, at now: Tick) -> [Effect] {
        guard job != nil else { return [] }
        switch fetches.accept(stream: stream, offset: offset, count: bytes.count, isLast: isLast, at: now) {
        case .violation(let what): return violation(what, regarding: "chunk")
        case .bytes(let purpose, let offset, let isComplete):
            // Bytes for a lease that ended meanwhile have no inflow any more.
            guard inflows[purpose] != nil else { return isComplete ? pump(at: now) : [] }
            inflows[purpose]?.arrived(bytes, at: offset, isComplete: isComplete)
            return [.wake(purpose.receiver)] + (isComplete ? pump(at: now) : [])
        }
    }

    /// The coordinator refuses a message of this side: a fetch, perhaps.
    mutating func fault(_ fault: Message.Fault) -> [Effect] {
        guard let stream = fault.stream, let purpose = fetches.refused(stream: stream) else { return [] }
        return fail(
            [purpose], TalkootError(.unreachable, "the requester cannot send it: \(JobRequestSummary.line(fault.reason, limit: 200))"))
    }

    /// A thread wants its next bytes and still holds those from `held` on.
    mutating func pull(_ purpose: FetchTable.Purpose, held: UInt64, at now: Tick) -> (pull: Inflow.Pull, effects: [Effect]) {
        guard let pull = inflows[purpose]?.pull(held: held) else { return (.failed(TalkootError(.interrupted, "the job is over")), []) }
        return (pull, pump(at: now))
    }

    /// Opens as many fetches as bounds and windows allow; those that have the fewest open come first.
    mutating func pump(at now: Tick) -> [Effect] {
        guard let job else { return [] }
        var effects: [Effect] = []
        var candidates = inflows.keys.filter(isTurn)
        while fetches.hasRoom, let purpose = candidates.min(by: { fetches.count($0) < fetches.count($1) }) {
            if let piece = inflows[purpose]?.nextPiece() {
                effects.append(.send(.fetch(fetches.begin(purpose, job: job, range: piece, at: now))))
            } else {
                candidates.removeAll { $0 == purpose }
            }
        }
        return effects
    }

    /// Time passed: fetches that brought nothing for too long fail. After a suspension the silence is forgiven.
    mutating func beat(at now: Tick, wasSuspended: Bool) -> [Effect] {
        if wasSuspended {
            fetches.forgiveSilence(at: now)
            return []
        }
        let seconds = Int(VolunteerLimits.fetchSeconds)
        return fail(fetches.overdue(at: now), TalkootError(.unreachable, "the requester sent nothing for \(seconds) s"))
    }

    /// Whether a purpose may fetch now: the package, running leases, and the next lease of a slot whose running one has all it needs.
    private func isTurn(_ purpose: FetchTable.Purpose) -> Bool {
        guard case .input(let slot, let lease) = purpose, case .working(let work) = state else { return true }
        let ledger = work.slots[slot]
        guard let running = ledger.running else { return ledger.queued.first?.id == lease }
        if running.id == lease { return true }
        let isFed = inflows[.input(slot: slot, lease: running.id)]?.isAsked ?? true
        return isFed && ledger.queued.first?.id == lease
    }

    private mutating func fail(_ purposes: [FetchTable.Purpose], _ error: TalkootError) -> [Effect] {
        for purpose in purposes { inflows[purpose]?.fail(error) }
        return Set(purposes).map { .wake($0.receiver) }
    }
}

extension FetchTable.Purpose {
    /// The thread that waits for the bytes.
    var receiver: WorkSession.Receiver {
        switch self {
        case .package: .loader
        case .input(let slot, _): .slot(slot)
        }
    }
}
