/// Finds where items end in a stream of input bytes that is given piece by piece.
///
/// The one place that knows what an item of each ``InputKind`` is; the coordinator's index and the volunteer's
/// ``InputSplitter`` both stand on it, so they can never disagree.
public struct ItemScanner: Sendable {
    /// What the items are.
    public let kind: InputKind
    /// Bytes since the last item ended: of the item that is still open.
    public private(set) var openBytes: UInt64 = 0

    /// Starts at the first byte of an item.
    public init(kind: InputKind) { self.kind = kind }

    /// Consumes bytes until `items` items have ended or the piece is used up.
    ///
    /// - Returns: how many bytes were consumed, and how many items ended in them (at most `items`).
    public mutating func scan(_ piece: UnsafeRawBufferPointer, items: UInt64) -> (bytes: Int, items: UInt64) {
        guard items > 0, !piece.isEmpty else { return (0, 0) }
        switch kind {
        case .none: return (piece.count, 0)
        case .lines: return scanLines(piece, items: items)
        case .records(let size), .bytes(let size): return scanBlocks(piece, items: items, size: size)
        }
    }

    /// Ends the input: whether an open item counts as the last one (a line without newline, a short block).
    ///
    /// - Throws: ``TalkootError`` `bad-data` when a record is cut off.
    public mutating func finish() throws(TalkootError) -> Bool {
        guard openBytes > 0 else { return false }
        if case .records(let size) = kind {
            throw TalkootError(
                .badData, "the input ends \(openBytes) bytes into a record of \(size) bytes",
                remedy: "give an input that is a whole number of records")
        }
        openBytes = 0
        return true
    }

    private mutating func scanBlocks(_ piece: UnsafeRawBufferPointer, items: UInt64, size: UInt64) -> (bytes: Int, items: UInt64) {
        let (wanted, overflow) = items.multipliedReportingOverflow(by: size)
        let available = openBytes + UInt64(piece.count)
        if !overflow, wanted <= available {
            let consumed = Int(wanted - openBytes)
            openBytes = 0
            return (consumed, items)
        }
        let ended = available / size
        openBytes = available % size
        return (piece.count, ended)
    }

    private mutating func scanLines(_ piece: UnsafeRawBufferPointer, items: UInt64) -> (bytes: Int, items: UInt64) {
        var found: UInt64 = 0
        var position = 0
        while piece.count - position >= 8 {
            let newlines = Newlines.inWord(piece.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            guard found &+ newlines < items else { break }
            found &+= newlines
            position &+= 8
        }
        while position < piece.count {
            let isNewline = piece[position] == Newlines.byte
            position += 1
            guard isNewline else { continue }
            found += 1
            if found == items { break }
        }
        openBytes = found == items ? 0 : trailing(of: piece[..<position], found: found)
        return (position, found)
    }

    /// How many bytes follow the last newline.
    private func trailing(of consumed: Slice<UnsafeRawBufferPointer>, found: UInt64) -> UInt64 {
        guard found > 0, let last = consumed.lastIndex(of: Newlines.byte) else { return openBytes + UInt64(consumed.count) }
        return UInt64(consumed.endIndex - last - 1)
    }
}

/// Counts newlines eight bytes at a time.
enum Newlines {
    static let byte = UInt8(ascii: "\n")

    private static let pattern: UInt64 = 0x0a0a_0a0a_0a0a_0a0a
    private static let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// How many of the eight bytes are newlines, exactly: a byte of `x` is zero where the word has one, and adding 127 to its low
    /// seven bits leaves the top bit clear only there.
    @inline(__always)
    static func inWord(_ word: UInt64) -> UInt64 {
        let x = word ^ pattern
        let zeros = ~(((x & low) &+ low) | x | low)
        return ((zeros &>> 7) &* ones) &>> 56
    }
}
