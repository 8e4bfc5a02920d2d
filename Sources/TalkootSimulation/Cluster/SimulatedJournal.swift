import TalkootScheduling

/// The coordinator's journal as far as a crash can tell: what is on the disk, and what is on its way there, in order.
struct SimulatedJournal: Sendable {
    enum Entry: Sendable {
        /// Results that were accepted; the link and lease that wait for an acknowledgement.
        case results(Range<UInt64>, owner: UInt64, values: [UInt64], link: UInt64, lease: UInt64)
        case void([Range<UInt64>], owner: UInt64)
        case ban(UInt64)
        case giveUp(UInt64)
    }

    struct Stored: Hashable, Sendable {
        let owner: UInt64
        let value: UInt64
    }

    private(set) var results: [UInt64: Stored] = [:]
    private(set) var banned: Set<UInt64> = []
    private(set) var givenUp: Set<UInt64> = []
    private(set) var pending: [Entry] = []
    /// A unit that got a second result without the first having been taken back, if there was one.
    private(set) var doubled: UInt64?

    mutating func append(_ entry: Entry) { pending.append(entry) }

    /// Everything is on the disk; gives what was not before.
    mutating func sync() -> [Entry] {
        defer { pending = [] }
        for entry in pending { apply(entry) }
        return pending
    }

    /// The process is gone: of what was on its way so many came to the disk, and nobody was told.
    mutating func crash(keeping count: Int) {
        for entry in pending.prefix(count) { apply(entry) }
        pending = []
    }

    private mutating func apply(_ entry: Entry) {
        switch entry {
        case .results(let units, let owner, let values, _, _):
            for (unit, value) in zip(units, values) {
                if results[unit] != nil { doubled = unit }
                results[unit] = Stored(owner: owner, value: value)
            }
        case .void(let ranges, let owner):
            for unit in ranges.joined() where results[unit]?.owner == owner { results[unit] = nil }
        case .ban(let owner): banned.insert(owner)
        case .giveUp(let unit): givenUp.insert(unit)
        }
    }
}
