/// Results that the requester's own machine came to: what a host says of these units is right or wrong at once.
///
/// They lie among the other units of leases, so nobody can tell them from work; each is met by whoever gets its unit first, and again
/// by the next when that one's results are taken back.
struct KnownAnswers: Sendable {
    /// The most that are kept.
    static let limit = 4096

    /// Ascending.
    private var units: [UInt64] = []
    private var digests: [ResultDigest] = []

    var count: Int { units.count }

    /// Keeps a result; the first of a unit counts. O(answers).
    mutating func insert(_ unit: UInt64, _ digest: ResultDigest) {
        guard units.count < Self.limit else { return }
        let place = place(of: unit)
        guard place == units.count || units[place] != unit else { return }
        units.insert(unit, at: place)
        digests.insert(digest, at: place)
    }

    /// Those in a range, ascending. O(log answers + found).
    func answers(in range: Range<UInt64>) -> [(unit: UInt64, digest: ResultDigest)] {
        var place = place(of: range.lowerBound)
        var found: [(unit: UInt64, digest: ResultDigest)] = []
        while place < units.count, units[place] < range.upperBound {
            found.append((units[place], digests[place]))
            place += 1
        }
        return found
    }

    /// Where the first unit is that is not before this one.
    private func place(of unit: UInt64) -> Int {
        var (low, high) = (0, units.count)
        while low < high {
            let middle = (low + high) / 2
            if units[middle] < unit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
