import DequeModule

/// Results of one owner that others run again.
struct Check: Sendable {
    /// What somebody who ran the units came to; nil when he could not.
    struct Vote: Sendable {
        let owner: OwnerID
        let digest: ResultDigest?
        let isArbiter: Bool
    }

    /// Where it is.
    enum Place: Hashable, Sendable {
        case waiting
        case leased(Int)
        case ownMachine
        case over
    }

    let units: Range<UInt64>
    let owner: OwnerID
    let traits: HostTraits
    let digest: ResultDigest
    var votes: [Vote] = []
    /// Whether results differ: then arbiters decide.
    var isDisputed = false
    var place = Place.waiting
    /// How often it was taken from a host for a faster one.
    var moves: UInt8 = 0
    /// What whoever runs it has come to so far.
    var running = ResultDigest.empty

    /// Whether this owner has a say already.
    func involves(_ other: OwnerID) -> Bool { owner == other || votes.contains { $0.owner == other } }
}

/// The checks that are not over, in a slab, and those that wait for somebody, disputes apart and first.
struct CheckTable: Sendable {
    /// Where a waiting check is.
    enum Waiting {
        case dispute(Int)
        case ordinary(Int)
    }

    private(set) var slots: [Check] = []
    private var vacant: [Int] = []
    private(set) var disputes: Deque<Int> = []
    private(set) var waiting: Deque<Int> = []

    /// How many are not over.
    var count: Int { slots.count - vacant.count }

    subscript(slot: Int) -> Check {
        _read { yield slots[slot] }
        _modify { yield &slots[slot] }
    }

    /// Adds a check that waits.
    mutating func add(_ check: Check) {
        let slot = vacant.popLast() ?? slots.count
        if slot == slots.count { slots.append(check) } else { slots[slot] = check }
        enqueue(slot)
    }

    /// A check waits for somebody, those that waited before come first.
    mutating func enqueue(_ slot: Int) {
        slots[slot].place = .waiting
        slots[slot].running = .empty
        if slots[slot].isDisputed { disputes.append(slot) } else { waiting.append(slot) }
    }

    /// The first of the oldest waiting checks that suits; disputes first. O(`depth`).
    func first(depth: Int, where suits: (Check) -> Bool) -> Waiting? {
        if let position = disputes.prefix(depth).firstIndex(where: { suits(slots[$0]) }) { return .dispute(position) }
        if let position = waiting.prefix(depth).firstIndex(where: { suits(slots[$0]) }) { return .ordinary(position) }
        return nil
    }

    /// Takes a check from those that wait.
    mutating func take(_ place: Waiting) -> Int {
        switch place {
        case .dispute(let position): disputes.remove(at: position)
        case .ordinary(let position): waiting.remove(at: position)
        }
    }

    /// What an owner said does not count; a dispute in which nobody else dissents is an ordinary check again. O(waiting checks) then.
    mutating func withdraw(votesOf owner: OwnerID, at slot: Int) {
        guard slots[slot].votes.contains(where: { $0.owner == owner && $0.digest != nil }) else { return }
        // He is still not asked again.
        slots[slot].votes = slots[slot].votes.map { $0.owner == owner ? Check.Vote(owner: owner, digest: nil, isArbiter: false) : $0 }
        let digest = slots[slot].digest
        guard slots[slot].isDisputed, !slots[slot].votes.contains(where: { $0.digest != nil && $0.digest != digest }) else { return }
        slots[slot].isDisputed = false
        guard slots[slot].place == .waiting else { return }
        disputes.removeAll { $0 == slot }
        waiting.append(slot)
    }

    /// A check is over, wherever it is. O(waiting checks) when it waits.
    mutating func remove(_ slot: Int) {
        guard slots[slot].place != .over else { return }
        if slots[slot].place == .waiting {
            disputes.removeAll { $0 == slot }
            waiting.removeAll { $0 == slot }
        }
        slots[slot].place = .over
        slots[slot].votes = []
        vacant.append(slot)
    }
}
