import CTalkootSystem
import TalkootCore

/// The results of an exchange, copied out of the response memory and checked.
struct UnitResults {
    /// Where each ends in `bytes`.
    let ends: [Int]
    /// The results without the gaps between them.
    let bytes: [UInt8]
    /// How far the output reached.
    let usedBytes: UInt64

    /// - Returns: nil when the numbers do not hold together.
    init?(process: CellProcess, done: UInt64, count: Int, limits: CellLimits) {
        guard done <= UInt64(count) else { return nil }
        let table = [UInt64](unsafeUninitializedCapacity: Int(done)) { buffer, initialized in
            process.response.copy(from: UInt64(TALKOOT_WIRE_ENDS), to: UnsafeMutableRawBufferPointer(buffer))
            initialized = Int(done)
        }
        let room = process.response.sizeBytes - CellConfiguration.outputStart
        var start: UInt64 = 0
        var isTight = true
        var total = 0
        var ends: [Int] = []
        ends.reserveCapacity(table.count)
        for end in table {
            guard end >= start, end <= room, end - start <= limits.outputBytes else { return nil }
            total += Int(end - start)
            ends.append(total)
            let next = Self.aligned(end)
            isTight = isTight && (next == end || ends.count == table.count)
            start = next
        }
        self.ends = ends
        usedBytes = table.last ?? 0
        bytes =
            isTight
            ? process.response.bytes(from: CellConfiguration.outputStart, count: total)
            : Self.compacted(process.response, table: table, total: total)
    }

    private static func aligned(_ place: UInt64) -> UInt64 {
        let mask = UInt64(TALKOOT_WIRE_ALIGNMENT) - 1
        return (place + mask) & ~mask
    }

    private static func compacted(_ memory: SharedMemory, table: [UInt64], total: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: total) { buffer, initialized in
            let target = UnsafeMutableRawBufferPointer(buffer)
            var start: UInt64 = 0
            var place = 0
            for end in table {
                let size = Int(end - start)
                memory.copy(
                    from: CellConfiguration.outputStart + start, to: UnsafeMutableRawBufferPointer(rebasing: target[place..<place + size]))
                place += size
                start = aligned(end)
            }
            initialized = total
        }
    }
}
