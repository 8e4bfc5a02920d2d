/// Cuts a contiguous slice of a job's input, which starts at the first item of a unit, into units.
///
/// Feed it the slice piece by piece with ``append(_:)-([UInt8])``, say ``finish()`` after the last piece, and take whole units
/// from the front as they become complete. It holds what has been fed and not taken; the caller bounds that by looking at
/// ``bufferedBytes``.
public struct InputSplitter: Sendable {
    private var scanner: ItemScanner
    private let itemsPerUnit: UInt64
    private var openItems: UInt64 = 0
    private var buffer: [UInt8] = []
    private var taken = 0
    private var ends: [Int] = []
    private var endsTaken = 0

    /// Splits items of this kind into units of `itemsPerUnit`, which must be at least 1.
    public init(kind: InputKind, itemsPerUnit: UInt64) {
        precondition(itemsPerUnit > 0, "a unit has at least one item")
        scanner = ItemScanner(kind: kind)
        self.itemsPerUnit = itemsPerUnit
    }

    /// How many whole units can be taken.
    public var completeUnits: Int { ends.count - endsTaken }

    /// How many bytes have been fed and not taken.
    public var bufferedBytes: Int { buffer.count - taken }

    /// Feeds the next bytes. Costs one pass over them.
    public mutating func append(_ piece: [UInt8]) {
        piece.withUnsafeBytes { append($0) }
    }

    /// Feeds the next bytes. Costs one pass over them.
    public mutating func append(_ piece: UnsafeRawBufferPointer) {
        compact()
        var offset = 0
        while offset < piece.count {
            let step = scanner.scan(UnsafeRawBufferPointer(rebasing: piece[offset...]), items: itemsPerUnit - openItems)
            offset += step.bytes
            openItems += step.items
            guard openItems == itemsPerUnit else { break }
            openItems = 0
            ends.append(buffer.count + offset)
        }
        buffer.append(contentsOf: piece)
    }

    /// Ends the slice: an open unit becomes complete as it is. That is right after the input's last byte and after a slice that
    /// ends with a unit, where nothing is open.
    ///
    /// - Throws: ``TalkootError`` `bad-data` when a record is cut off.
    public mutating func finish() throws(TalkootError) {
        if try scanner.finish() { openItems += 1 }
        guard openItems > 0 else { return }
        openItems = 0
        ends.append(buffer.count)
    }

    /// Takes the next `units` units, at most ``completeUnits``: their bytes, and for each the offset at which it ends in them.
    public mutating func take(_ units: Int) -> (bytes: [UInt8], ends: [Int]) {
        precondition(units >= 0 && units <= completeUnits, "only complete units can be taken")
        guard units > 0 else { return ([], []) }
        let start = taken
        let unitEnds = ends[endsTaken..<endsTaken + units].map { $0 - start }
        taken += unitEnds[units - 1]
        endsTaken += units
        return (Array(buffer[start..<taken]), unitEnds)
    }

    /// Drops what was taken, once that is most of the buffer.
    private mutating func compact() {
        guard taken > 0, taken * 2 >= buffer.count else { return }
        buffer.removeFirst(taken)
        ends.removeFirst(endsTaken)
        for index in ends.indices { ends[index] -= taken }
        (taken, endsTaken) = (0, 0)
    }
}
