import TalkootCore

/// Where the items of an input lie: how many there are, and a sparse list of item starts.
///
/// Records and blocks are found by arithmetic. For lines there is an entry about every `stride` bytes; when the list is full every other
/// entry goes and the stride doubles, so it stays below 1 MiB of memory for any input and any item is found by reading
/// at most a stride and one line.
struct InputIndex: Sendable {
    /// The start of an item.
    struct Entry: Hashable, Sendable {
        var item: UInt64
        var offset: UInt64
    }

    /// The most entries kept.
    static let entryLimit = 65_536
    /// The distance between entries at first, in bytes.
    static let initialStride: UInt64 = 16 << 10

    /// What the items are.
    let kind: InputKind
    /// The size of the input, in bytes.
    let byteCount: UInt64
    /// How many items there are.
    let items: UInt64
    /// Item starts, ascending; the first is item 0 at offset 0.
    let entries: [Entry]

    /// The last known item start that is not after `item`; exact for records and blocks. `item` may be ``items``: the end.
    func nearest(to item: UInt64) -> Entry {
        if item >= items { return Entry(item: items, offset: byteCount) }
        switch kind {
        case .none: return Entry(item: 0, offset: 0)
        case .records(let size), .bytes(let size): return Entry(item: item, offset: item * size)
        case .lines: break
        }
        var low = 0
        var high = entries.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if entries[middle].item <= item { low = middle } else { high = middle }
        }
        return entries[low]
    }
}

/// Builds an ``InputIndex`` in one pass over the input, given piece by piece.
struct InputIndexBuilder {
    private var scanner: ItemScanner
    private var items: UInt64 = 0
    private var byteCount: UInt64 = 0
    private var entries = [InputIndex.Entry(item: 0, offset: 0)]
    private var stride: UInt64
    private var nextMark: UInt64
    private let entryLimit: Int

    /// Begins with the first byte of the input. The limit and stride are arguments for tests.
    init(kind: InputKind, entryLimit: Int = InputIndex.entryLimit, stride: UInt64 = InputIndex.initialStride) {
        precondition(entryLimit >= 2 && stride > 0, "an index has room for two entries")
        scanner = ItemScanner(kind: kind)
        self.entryLimit = entryLimit
        self.stride = stride
        nextMark = stride
    }

    /// Reads the next piece of the input.
    mutating func append(_ piece: UnsafeRawBufferPointer) {
        var offset = 0
        while offset < piece.count {
            let rest = UnsafeRawBufferPointer(rebasing: piece[offset...])
            offset += byteCount < nextMark ? count(rest) : mark(rest)
        }
    }

    /// Ends the input.
    ///
    /// - Throws: ``TalkootError`` `bad-data` when a record is cut off.
    mutating func finish() throws(TalkootError) -> InputIndex {
        if try scanner.finish() { items += 1 }
        return InputIndex(kind: scanner.kind, byteCount: byteCount, items: items, entries: entries)
    }

    /// Counts items up to the next mark.
    private mutating func count(_ rest: UnsafeRawBufferPointer) -> Int {
        let room = Int(min(UInt64(rest.count), nextMark - byteCount))
        items += scanner.scan(UnsafeRawBufferPointer(rebasing: rest[..<room]), items: .max).items
        byteCount += UInt64(room)
        return room
    }

    /// Finds the first item that starts at or behind the mark and notes it.
    private mutating func mark(_ rest: UnsafeRawBufferPointer) -> Int {
        let step = scanner.scan(rest, items: 1)
        items += step.items
        byteCount += UInt64(step.bytes)
        guard step.items == 1 else { return step.bytes }
        if case .lines = scanner.kind { add(InputIndex.Entry(item: items, offset: byteCount)) }
        nextMark = byteCount + stride
        return step.bytes
    }

    private mutating func add(_ entry: InputIndex.Entry) {
        if entries.count == entryLimit {
            entries = entries.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            stride *= 2
        }
        entries.append(entry)
    }
}
