import TalkootCore

/// What is known of a host that is present.
struct Host: Sendable {
    let id: HostID
    let owner: OwnerID
    let traits: HostTraits
    /// Seconds for a message there and an answer back.
    var roundTripSeconds: Double
    var speed = Speed()
    /// Its speed as other jobs have it, in units a second of this one; 0 for unknown.
    var hintedRate = 0.0
    /// What it adds to the speed of all hosts.
    var countedRate = 0.0
    /// Where in the lease table the lease that it runs and the one that follows are; -1 for none.
    var running = -1
    var queued = -1
    /// Since when it works on the unit at which it is, and on what it commits next.
    var mark: Tick
    var measured: Tick
    /// When it was last heard of.
    var heard: Tick
    /// Whether it was not heard of for three heartbeats.
    var isSilent = false
    /// When it is looked at next without an event.
    var wake = Tick.distantFuture
    /// When it last looked for units of others.
    var searched = Tick(nanoseconds: -1_000_000_000_000)
    /// Until when it gets nothing, how often in a row that happened, and its failures in a row.
    var restUntil = Tick.zero
    var rests: UInt8 = 0
    var failures: UInt8 = 0
    /// Units finished so far, and where its last range ended.
    var unitsFinished: UInt64 = 0
    var lastEnd = UInt64.max
    /// How long its leases of ordinary work and of checks should take together, in seconds.
    var workSeconds = 0.0
    var checkSeconds = 0.0
    /// Where it is in the list of idle hosts, or -1.
    var idlePosition = -1
    /// Whether it is there, but works for another job.
    var isAway = false
    /// Whether this place in the table is taken.
    var isPresent = true
}

/// The hosts that are present, in a slab with a free list, and the list of those without a lease.
struct HostTable: Sendable {
    private(set) var slots: [Host] = []
    private var vacant: [Int] = []
    private var slotOf: [HostID: Int] = [:]
    /// Where the hosts without a lease are.
    private(set) var idle: [Int] = []

    var count: Int { slotOf.count }

    subscript(slot: Int) -> Host {
        _read { yield slots[slot] }
        _modify { yield &slots[slot] }
    }

    func slot(of id: HostID) -> Int? { slotOf[id] }
    func isPresent(_ slot: Int) -> Bool { slots[slot].isPresent }

    mutating func insert(_ host: Host) -> Int {
        let slot = vacant.popLast() ?? slots.count
        if slot == slots.count { slots.append(host) } else { slots[slot] = host }
        slotOf[host.id] = slot
        return slot
    }

    mutating func remove(_ slot: Int) {
        setIdle(slot, false)
        slotOf[self[slot].id] = nil
        slots[slot].isPresent = false
        vacant.append(slot)
    }

    /// Puts a host on the list of idle ones or takes it off. O(1).
    mutating func setIdle(_ slot: Int, _ isIdle: Bool) {
        let position = self[slot].idlePosition
        if isIdle, position < 0 {
            self[slot].idlePosition = idle.count
            idle.append(slot)
        } else if !isIdle, position >= 0 {
            let last = idle.removeLast()
            if last != slot {
                idle[position] = last
                self[last].idlePosition = position
            }
            self[slot].idlePosition = -1
        }
    }
}
