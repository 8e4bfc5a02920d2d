import TalkootCore
import TalkootScheduling

/// What units left behind where they were stopped, until somebody goes on with them. Bounded; the oldest make room.
struct CheckpointShelf: Sendable {
    /// A checkpoint and who gave it.
    struct Entry: Sendable {
        let owner: OwnerID
        let bytes: [UInt8]
    }

    private var entries: [UInt64: Entry] = [:]
    /// The units in the order in which their checkpoints came; some were taken since.
    private var order: [UInt64] = []
    /// All bytes that are kept.
    private(set) var byteCount = 0

    /// How many are kept.
    var count: Int { entries.count }

    /// Keeps a unit's newest checkpoint.
    mutating func put(_ bytes: [UInt8], of unit: UInt64, by owner: OwnerID) {
        _ = take(unit)
        entries[unit] = Entry(owner: owner, bytes: bytes)
        byteCount += bytes.count
        order.removeAll { $0 == unit }
        order.append(unit)
        while entries.count > CoordinatorLimits.checkpoints || byteCount > CoordinatorLimits.checkpointBytes {
            _ = take(order.removeFirst())
        }
        if order.count > 2 * CoordinatorLimits.checkpoints { order.removeAll { entries[$0] == nil } }
    }

    /// Gives a unit's checkpoint away: whoever gets it is the only one.
    mutating func take(_ unit: UInt64) -> Entry? {
        guard let entry = entries.removeValue(forKey: unit) else { return nil }
        byteCount -= entry.bytes.count
        return entry
    }

    /// Forgets all of an owner who gave wrong results.
    mutating func remove(of owner: OwnerID) {
        for (unit, entry) in entries where entry.owner == owner { _ = take(unit) }
    }
}
