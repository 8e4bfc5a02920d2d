import TalkootCore

/// An open lease. Its remaining units are `next ..< end`; what it gave up by splitting lies in `end ..< grantedEnd`.
struct OpenLease: Sendable {
    let id: LeaseID
    /// Where its host is in the host table.
    let host: Int
    /// The units as granted.
    let lower: UInt64
    let grantedEnd: UInt64
    /// How many units its host ran, as far as it says, and how many it still counts for in the job's costs.
    var ran: UInt64 = 0
    var charged: Int64 = 0
    /// The first unit that is neither committed nor failed.
    var next: UInt64
    /// The first unit that is no longer its business.
    var end: UInt64
    /// The first unit that its host has not said to be finished; a hint only.
    var reported: UInt64
    /// When its host came to it, and how long it should take.
    var began: Tick
    var expectedSeconds: Double
    /// When its progress is judged, and where it stood at the last judgement.
    var deadline: Tick
    var nextAtJudgement: UInt64
    /// The other lease on the same single unit: where it is in the table, or -1.
    var twin = -1
    /// Whether it is the second of two: then the units are accounted for by its twin.
    var isCopy = false
    /// The check that it runs, or -1; whether it is one, although that may be over.
    var check = -1
    var isCheck = false
    /// Whether this place in the table is taken.
    var isOpen = true

    var remaining: UInt64 { end > next ? end - next : 0 }
}

/// The open leases in a slab with a free list, and the last closed ones.
struct LeaseTable: Sendable {
    /// What is kept of a closed lease to judge results that come late.
    struct Closed: Sendable {
        let host: HostID
        let owner: OwnerID
        let traits: HostTraits
        let isCheck: Bool
        let units: Range<UInt64>
    }

    private(set) var slots: [OpenLease] = []
    private var vacant: [Int] = []
    private var serial: UInt64 = 0
    private var closed: [LeaseID: Closed] = [:]
    private var closedInOrder: [LeaseID] = []
    private var oldestClosed = 0
    private let closedLimit: Int

    private static let slotBits: UInt64 = 24

    init(closedLimit: Int) { self.closedLimit = max(1, closedLimit) }

    /// How many leases are open.
    var count: Int { slots.count - vacant.count }
    /// How many leases were ever opened.
    var opened: UInt64 { serial }
    /// How many closed leases are remembered.
    var closedCount: Int { closed.count }

    subscript(slot: Int) -> OpenLease {
        _read { yield slots[slot] }
        _modify { yield &slots[slot] }
    }

    /// Where the lease with this number is, if it is open.
    func slot(of id: LeaseID) -> Int? {
        let slot = Int(id.rawValue & (1 << Self.slotBits - 1))
        return slot < slots.count && slots[slot].id == id && slots[slot].isOpen ? slot : nil
    }

    /// The lease with this number, if it is closed and remembered.
    func closed(_ id: LeaseID) -> Closed? { closed[id] }

    /// Opens a lease with a fresh number; `make` fills in the rest.
    mutating func open(_ make: (LeaseID) -> OpenLease) -> Int {
        let slot = vacant.popLast() ?? slots.count
        precondition(slot < 1 << Int(Self.slotBits), "more than 16 million leases are open")
        serial += 1
        let lease = make(LeaseID(rawValue: serial << Self.slotBits | UInt64(slot)))
        if slot == slots.count { slots.append(lease) } else { slots[slot] = lease }
        return slot
    }

    /// Closes a lease; it is remembered for `host` when results of it may still come.
    mutating func close(_ slot: Int, remembering host: Host?) {
        let lease = self[slot]
        slots[slot].isOpen = false
        vacant.append(slot)
        guard let host else { return }
        closed[lease.id] = Closed(
            host: host.id, owner: host.owner, traits: host.traits, isCheck: lease.isCheck, units: lease.lower..<lease.grantedEnd)
        if closedInOrder.count < closedLimit {
            closedInOrder.append(lease.id)
        } else {
            closed[closedInOrder[oldestClosed]] = nil
            closedInOrder[oldestClosed] = lease.id
            oldestClosed = (oldestClosed + 1) % closedLimit
        }
    }
}
