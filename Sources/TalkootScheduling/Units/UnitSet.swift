/// A set of units kept as sorted ranges that neither overlap nor touch: its size is the number of gaps, not of units.
///
/// The ranges lie in chunks of bounded size, so that a change in the middle of 100,000 ranges moves a few hundred of them.
struct UnitSet: Sendable {
    /// The ranges, ascending; no chunk is empty.
    private var chunks: [[Range<UInt64>]] = []
    private let chunkLimit: Int
    /// How many units are in the set, and in how many ranges.
    private(set) var count: UInt64 = 0
    private(set) var rangeCount = 0

    /// Where a range is: in which chunk, and where in it. Past the last chunk for none.
    private struct Place {
        var chunk: Int
        var index: Int
    }

    /// The set with these units.
    init(_ range: Range<UInt64> = 0..<0, chunkLimit: Int = 256) {
        self.chunkLimit = chunkLimit
        insert(range)
    }

    var isEmpty: Bool { count == 0 }

    /// All ranges, ascending. O(ranges).
    var ranges: [Range<UInt64>] { Array(chunks.joined()) }

    // MARK: Asking

    func contains(_ unit: UInt64) -> Bool { range(at: place(endingAfter: unit)).map { $0.lowerBound <= unit } ?? false }

    /// The parts of `range` that are not in the set, ascending.
    func missing(from range: Range<UInt64>) -> [Range<UInt64>] {
        var place = place(endingAfter: range.lowerBound)
        var unit = range.lowerBound
        var gaps: [Range<UInt64>] = []
        while let present = self.range(at: place), present.lowerBound < range.upperBound {
            if present.lowerBound > unit { gaps.append(unit..<present.lowerBound) }
            unit = present.upperBound
            place = following(place)
        }
        if unit < range.upperBound { gaps.append(unit..<range.upperBound) }
        return gaps
    }

    // MARK: Changing

    /// Adds a range. O(log ranges) when it continues one, else O(chunk + number of chunks), and for each range that it swallows.
    mutating func insert(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        let place = range.lowerBound == 0 ? Place(chunk: 0, index: 0) : place(endingAfter: range.lowerBound - 1)
        guard let first = self.range(at: place), first.lowerBound <= range.upperBound else { return add(range, at: place) }
        var merged = min(first.lowerBound, range.lowerBound)..<max(first.upperBound, range.upperBound)
        var next = following(place)
        while let other = self.range(at: next), other.lowerBound <= merged.upperBound {
            merged = merged.lowerBound..<max(merged.upperBound, other.upperBound)
            drop(at: next)
            next = following(place)
        }
        count += merged.length - first.length
        chunks[place.chunk][place.index] = merged
    }

    /// Removes a range. O(log ranges) at an edge of one, else as for inserting.
    mutating func remove(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        var place = place(endingAfter: range.lowerBound)
        while let old = self.range(at: place), old.lowerBound < range.upperBound {
            let hasHead = old.lowerBound < range.lowerBound
            let tail = range.upperBound..<max(old.upperBound, range.upperBound)
            if !hasHead, tail.isEmpty {
                drop(at: place)
                if place.chunk < chunks.count, place.index == chunks[place.chunk].count { place = Place(chunk: place.chunk + 1, index: 0) }
                continue
            }
            let kept = hasHead ? old.lowerBound..<range.lowerBound : tail
            count -= old.length - kept.length
            chunks[place.chunk][place.index] = kept
            place = following(place)
            if hasHead, !tail.isEmpty { add(tail, at: place) }
            if !tail.isEmpty { return }
        }
    }

    /// Takes up to `limit` units out of one range: the one that goes on at `start` if there is one, else the first.
    mutating func take(_ limit: UInt64, from start: UInt64) -> Range<UInt64>? {
        guard !isEmpty, limit > 0 else { return nil }
        let wished = place(endingAfter: start)
        let place = range(at: wished)?.lowerBound == start ? wished : Place(chunk: 0, index: 0)
        let range = chunks[place.chunk][place.index]
        let taken = range.lowerBound..<range.lowerBound + min(limit, range.length)
        if taken == range {
            drop(at: place)
        } else {
            chunks[place.chunk][place.index] = taken.upperBound..<range.upperBound
            count -= taken.length
        }
        return taken
    }

    // MARK: Places

    private func range(at place: Place) -> Range<UInt64>? { place.chunk < chunks.count ? chunks[place.chunk][place.index] : nil }

    private func following(_ place: Place) -> Place {
        let isLast = place.index + 1 == chunks[place.chunk].count
        return isLast ? Place(chunk: place.chunk + 1, index: 0) : Place(chunk: place.chunk, index: place.index + 1)
    }

    /// The first range that ends after `unit`. O(log ranges).
    private func place(endingAfter unit: UInt64) -> Place {
        let chunk = Self.first(chunks.count) { chunks[$0][chunks[$0].count - 1].upperBound > unit }
        guard chunk < chunks.count else { return Place(chunk: chunk, index: 0) }
        return Place(chunk: chunk, index: Self.first(chunks[chunk].count) { chunks[chunk][$0].upperBound > unit })
    }

    /// The first of `count` positions for which `isAfter` holds, when it holds for all that follow.
    private static func first(_ count: Int, where isAfter: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isAfter(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Puts a new range before the one at a place, and halves a chunk that has become too large.
    private mutating func add(_ range: Range<UInt64>, at place: Place) {
        count += range.length
        rangeCount += 1
        guard !chunks.isEmpty else { return chunks.append([range]) }
        let chunk = min(place.chunk, chunks.count - 1)
        chunks[chunk].insert(range, at: place.chunk < chunks.count ? place.index : chunks[chunk].count)
        guard chunks[chunk].count > chunkLimit else { return }
        let half = chunks[chunk].count / 2
        chunks.insert(Array(chunks[chunk][half...]), at: chunk + 1)
        chunks[chunk].removeSubrange(half...)
    }

    private mutating func drop(at place: Place) {
        count -= chunks[place.chunk].remove(at: place.index).length
        rangeCount -= 1
        if chunks[place.chunk].isEmpty { chunks.remove(at: place.chunk) }
    }
}

extension Range<UInt64> {
    /// How many units are in the range.
    var length: UInt64 { upperBound - lowerBound }
}
