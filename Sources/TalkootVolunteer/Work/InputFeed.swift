import TalkootCore

/// Turns a lease's bytes into the input of its units, on the slot's thread.
///
/// Units are asked for in order. A run may be asked for again from a unit inside the last one: a cell that died is replaced and
/// goes on behind the unit that failed.
struct InputFeed {
    private var splitter: InputSplitter
    private var last: (first: UInt64, bytes: [UInt8], ends: [Int])
    private var isComplete = false
    /// The offset in the job's input up to which bytes were given out and can be forgotten.
    private var held: UInt64

    /// A feed for a lease.
    init(lease: SlotLedger.Lease, kind: InputKind, shape: JobShape) {
        splitter = InputSplitter(kind: kind, itemsPerUnit: shape.itemsPerUnit)
        last = (lease.firstUnit, [], [])
        held = lease.input.lowerBound
    }

    /// The bytes of a run of units, and where each unit ends in them.
    ///
    /// - Parameter pull: the next bytes of the lease, given the first offset that is still held; blocks.
    /// - Throws: what `pull` throws, and `bad-data` when the lease's bytes do not hold the units.
    mutating func units(
        _ units: Range<UInt64>, pull: (UInt64) throws(TalkootError) -> (bytes: [UInt8], isEnd: Bool)
    ) throws(TalkootError) -> (bytes: [UInt8], ends: [Int]) {
        guard units.lowerBound >= last.first else {
            throw TalkootError(.internalError, "input of unit \(units.lowerBound) was asked for again")
        }
        let next = last.first + UInt64(last.ends.count)
        if units.lowerBound > next { _ = try take(units.lowerBound - next, pull) }
        var (bytes, ends) = kept(from: units.lowerBound)
        if ends.count > units.count {
            ends.removeSubrange(units.count...)
            return (Array(bytes[..<(ends.last ?? 0)]), ends)
        }
        let more = try take(UInt64(units.count - ends.count), pull)
        let offset = bytes.count
        if bytes.isEmpty { bytes = more.bytes } else { bytes += more.bytes }
        ends += more.ends.map { $0 + offset }
        last = (units.lowerBound, bytes, ends)
        return (bytes, ends)
    }

    /// What of the last run lies at or behind a unit.
    private func kept(from unit: UInt64) -> (bytes: [UInt8], ends: [Int]) {
        let skipped = Int(min(unit - last.first, UInt64(last.ends.count)))
        guard skipped < last.ends.count else { return ([], []) }
        let start = skipped == 0 ? 0 : last.ends[skipped - 1]
        return (Array(last.bytes[start...]), last.ends[skipped...].map { $0 - start })
    }

    private mutating func take(
        _ count: UInt64, _ pull: (UInt64) throws(TalkootError) -> (bytes: [UInt8], isEnd: Bool)
    ) throws(TalkootError) -> (bytes: [UInt8], ends: [Int]) {
        while UInt64(splitter.completeUnits) < count {
            guard !isComplete else {
                throw TalkootError(.badData, "the lease's input ends before its units do")
            }
            let piece = try pull(held)
            splitter.append(piece.bytes)
            guard piece.isEnd else { continue }
            isComplete = true
            try splitter.finish()
        }
        let taken = splitter.take(Int(count))
        held += UInt64(taken.bytes.count)
        return taken
    }
}
