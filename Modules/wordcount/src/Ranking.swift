import TalkootModule

/// Words in the order of the report.
struct Ranking: ~Copyable {
    private struct Entry {
        var start: Int
        var length: Int
        var count: UInt64
    }

    private var words = Arena()
    private var entries: [Entry] = []

    /// Adds a word; words come in ascending order.
    mutating func add(_ word: UnsafeBufferPointer<UInt8>, count: UInt64) {
        guard let base = word.baseAddress else { return }
        entries.append(Entry(start: words.count, length: word.count, count: count))
        words.append(base, word.count)
    }

    /// Writes the lines. Words of equal count stay in the order they came in, which `start` remembers.
    consuming func write(to output: Output) throws(Failure) {
        var sorted = entries
        sorted.sort { $0.count != $1.count ? $0.count > $1.count : $0.start < $1.start }
        var lines = Arena()
        for entry in sorted {
            lines.append(words.bytes + entry.start, entry.length)
            lines.append(UInt8(ascii: ","))
            lines.append(decimal: entry.count)
            lines.append(UInt8(ascii: "\n"))
            if lines.count > 32 << 10 {
                try output.write(Bytes(start: lines.bytes, count: lines.count))
                lines.removeAll()
            }
        }
        try output.write(Bytes(start: lines.bytes, count: lines.count))
    }
}
