/// A set of units kept as sorted ranges that neither overlap nor touch: its size is the number of gaps, not of units.
struct UnitSet: Hashable, Sendable {
    /// The ranges, ascending.
    private(set) var ranges: [Range<UInt64>] = []
    /// How many units are in the set.
    private(set) var count: UInt64 = 0

    /// The set with these units.
    init(_ range: Range<UInt64> = 0..<0) { insert(range) }

    var isEmpty: Bool { count == 0 }

    /// The position of the first range that ends after `unit`. O(log ranges).
    private func position(endingAfter unit: UInt64) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound > unit { high = middle } else { low = middle + 1 }
        }
        return low
    }

    func contains(_ unit: UInt64) -> Bool {
        let at = position(endingAfter: unit)
        return at < ranges.count && ranges[at].lowerBound <= unit
    }

    /// Adds a range. O(log ranges) when it continues one, O(ranges) at worst.
    mutating func insert(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        let first = range.lowerBound == 0 ? 0 : position(endingAfter: range.lowerBound - 1)
        var merged = range
        var removed: UInt64 = 0
        var end = first
        while end < ranges.count, ranges[end].lowerBound <= range.upperBound {
            merged = min(merged.lowerBound, ranges[end].lowerBound)..<max(merged.upperBound, ranges[end].upperBound)
            removed += ranges[end].length
            end += 1
        }
        if end == first + 1 { ranges[first] = merged } else { ranges.replaceSubrange(first..<end, with: CollectionOfOne(merged)) }
        count = count - removed + merged.length
    }

    /// Removes a range. O(log ranges) at an edge of one, O(ranges) at worst.
    mutating func remove(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        let first = position(endingAfter: range.lowerBound)
        var end = first
        var kept: [Range<UInt64>] = []
        while end < ranges.count, ranges[end].lowerBound < range.upperBound {
            let old = ranges[end]
            count -= old.clamped(to: range).length
            if old.lowerBound < range.lowerBound { kept.append(old.lowerBound..<range.lowerBound) }
            if old.upperBound > range.upperBound { kept.append(range.upperBound..<old.upperBound) }
            end += 1
        }
        if end > first { ranges.replaceSubrange(first..<end, with: kept) }
    }

    /// The parts of `range` that are not in the set, ascending.
    func missing(from range: Range<UInt64>) -> [Range<UInt64>] {
        var at = position(endingAfter: range.lowerBound)
        if at == ranges.count || ranges[at].lowerBound >= range.upperBound { return range.isEmpty ? [] : [range] }
        var gaps: [Range<UInt64>] = []
        var unit = range.lowerBound
        while at < ranges.count, ranges[at].lowerBound < range.upperBound {
            if ranges[at].lowerBound > unit { gaps.append(unit..<ranges[at].lowerBound) }
            unit = ranges[at].upperBound
            at += 1
        }
        if unit < range.upperBound { gaps.append(unit..<range.upperBound) }
        return gaps
    }

    /// Takes up to `limit` units out of one range: the one that goes on at `start` if there is one, else the first.
    mutating func take(_ limit: UInt64, from start: UInt64) -> Range<UInt64>? {
        guard !isEmpty, limit > 0 else { return nil }
        let following = position(endingAfter: start)
        let at = following < ranges.count && ranges[following].lowerBound == start ? following : 0
        let range = ranges[at]
        let taken = range.lowerBound..<range.lowerBound + min(limit, range.length)
        count -= taken.length
        if taken == range { ranges.remove(at: at) } else { ranges[at] = taken.upperBound..<range.upperBound }
        return taken
    }
}

extension Range<UInt64> {
    /// How many units are in the range.
    var length: UInt64 { upperBound - lowerBound }
}
