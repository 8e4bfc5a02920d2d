/// A set of chunk numbers below a bound, a bit each.
public struct ChunkSet: Hashable, Sendable {
    /// How many chunks there are; members are below it.
    public let bound: Int
    /// How many are in the set.
    public private(set) var count = 0
    private var words: [UInt64]

    /// The empty set over `bound` chunks.
    public init(bound: Int) {
        precondition(bound >= 0, "a set's bound is not negative")
        self.bound = bound
        words = Array(repeating: 0, count: (bound + 63) / 64)
    }

    /// All chunks.
    public static func full(bound: Int) -> ChunkSet {
        var set = ChunkSet(bound: bound)
        for word in set.words.indices { set.words[word] = .max }
        if bound % 64 != 0 { set.words[set.words.count - 1] = .max >> UInt64(64 - bound % 64) }
        set.count = bound
        return set
    }

    /// Reads what ``bytes`` gave; `nil` when the length is wrong or a bit stands beyond the bound.
    public init?(bytes: [UInt8], bound: Int) {
        guard bytes.count == (bound + 7) / 8 else { return nil }
        self.init(bound: bound)
        for (position, byte) in bytes.enumerated() { words[position / 8] |= UInt64(byte) << UInt64(8 * (position % 8)) }
        if bound % 64 != 0, let last = words.last, last >> UInt64(bound % 64) != 0 { return nil }
        count = words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// Whether every chunk is in it.
    public var isFull: Bool { count == bound }

    /// The bits, eight chunks a byte, the first in the lowest bit.
    public var bytes: [UInt8] {
        (0..<(bound + 7) / 8).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(8 * ($0 % 8))) }
    }

    /// Whether a chunk is in it.
    public func contains(_ chunk: Int) -> Bool {
        chunk >= 0 && chunk < bound && words[chunk / 64] & (1 << UInt64(chunk % 64)) != 0
    }

    /// Adds a chunk below the bound.
    public mutating func insert(_ chunk: Int) {
        precondition(chunk >= 0 && chunk < bound, "chunk \(chunk) is beyond \(bound)")
        guard !contains(chunk) else { return }
        words[chunk / 64] |= 1 << UInt64(chunk % 64)
        count += 1
    }

    /// Takes a chunk out.
    public mutating func remove(_ chunk: Int) {
        guard contains(chunk) else { return }
        words[chunk / 64] &= ~(1 << UInt64(chunk % 64))
        count -= 1
    }

    /// Adds all of another set with the same bound.
    public mutating func formUnion(_ other: ChunkSet) {
        combine(other, |)
    }

    /// Takes all of another set with the same bound out.
    public mutating func subtract(_ other: ChunkSet) {
        combine(other) { $0 & ~$1 }
    }

    /// Keeps what is in another set with the same bound, too.
    public mutating func formIntersection(_ other: ChunkSet) {
        combine(other, &)
    }

    /// The first member from `start` on, going round at the end; `nil` when the set is empty.
    public func first(from start: Int) -> Int? {
        guard count > 0 else { return nil }
        let begin = max(0, min(start, bound - 1))
        var word = begin / 64
        var bits = words[word] & (.max << UInt64(begin % 64))
        for _ in 0...words.count {
            if bits != 0 { return word * 64 + bits.trailingZeroBitCount }
            word = (word + 1) % words.count
            bits = words[word]
        }
        return nil
    }

    /// The members, ascending.
    public var members: [Int] {
        words.enumerated().flatMap { position, word in
            (0..<64).filter { word & (1 << UInt64($0)) != 0 }.map { position * 64 + $0 }
        }
    }

    private mutating func combine(_ other: ChunkSet, _ operation: (UInt64, UInt64) -> UInt64) {
        precondition(other.bound == bound, "sets of chunks of two blobs")
        count = 0
        for word in words.indices {
            words[word] = operation(words[word], other.words[word])
            count += words[word].nonzeroBitCount
        }
    }
}
