/// A set of whole numbers as merged ranges; memory grows with the gaps.
struct UnitRanges: Sendable {
    private(set) var ranges: [Range<UInt64>] = []
    /// How many numbers are in it.
    private(set) var count: UInt64 = 0

    init(_ ranges: [Range<UInt64>] = []) {
        for range in ranges { insert(range) }
    }

    /// The end of the run that begins at zero.
    var prefixEnd: UInt64 { ranges.first.flatMap { $0.lowerBound == 0 ? $0.upperBound : nil } ?? 0 }

    /// Whether a number is in it. O(log gaps).
    func contains(_ unit: UInt64) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= unit { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(unit)
    }

    /// Removes a range. O(gaps).
    mutating func remove(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        ranges = ranges.flatMap { old -> [Range<UInt64>] in
            guard old.overlaps(range) else { return [old] }
            let head = old.lowerBound..<max(old.lowerBound, range.lowerBound)
            let tail = min(old.upperBound, range.upperBound)..<old.upperBound
            return [head, tail].filter { !$0.isEmpty }
        }
        count = ranges.reduce(0) { $0 + UInt64($1.count) }
    }

    /// Adds a range; what was in it already changes nothing. O(log gaps) to find, O(gaps) at worst to insert.
    mutating func insert(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < range.lowerBound { low = middle + 1 } else { high = middle }
        }
        var merged = range
        var end = low
        while end < ranges.count, ranges[end].lowerBound <= range.upperBound {
            merged = min(merged.lowerBound, ranges[end].lowerBound)..<max(merged.upperBound, ranges[end].upperBound)
            count -= ranges[end].upperBound - ranges[end].lowerBound
            end += 1
        }
        ranges.replaceSubrange(low..<end, with: CollectionOfOne(merged))
        count += merged.upperBound - merged.lowerBound
    }
}
