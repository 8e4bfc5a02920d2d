import TalkootModule

/// Folds tables into one, however many there are: a heap holds each table's next word, the least on top.
struct TableMerger: ~Copyable {
    /// A table and the word it has come to.
    private final class Cursor {
        var reader: TableReader
        var key: UInt64 = 0

        init(_ table: Bytes) { reader = TableReader(table) }

        func advance() throws(Failure) -> Bool {
            guard try reader.advance() else { return false }
            if let base = reader.word.baseAddress { key = order(base, reader.word.count) }
            return true
        }

        func isBefore(_ other: Cursor) -> Bool {
            if key != other.key { return key < other.key }
            guard let left = reader.word.baseAddress, let right = other.reader.word.baseAddress else { return false }
            return isAscending(left, reader.word.count, right, other.reader.word.count)
        }
    }

    private var heap: [Cursor] = []

    mutating func add(_ table: Bytes) throws(Failure) {
        let cursor = Cursor(table)
        guard try cursor.advance() else { return }
        heap.append(cursor)
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes one step with the table on top and puts it where it belongs.
    private mutating func step() throws(Failure) {
        if try !heap[0].advance() {
            let last = heap.removeLast()
            if heap.isEmpty { return }
            heap[0] = last
        }
        var parent = 0
        while case let child = 2 * parent + 1, child < heap.count {
            let least = child + 1 < heap.count && heap[child + 1].isBefore(heap[child]) ? child + 1 : child
            if !heap[least].isBefore(heap[parent]) { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    /// Writes the table of all words.
    consuming func writeTable(to output: Output) throws(Failure) {
        var writer = TableWriter()
        var word = Arena(capacity: 256)
        while let top = heap.first {
            word.removeAll()
            if let base = top.reader.word.baseAddress { word.append(base, top.reader.word.count) }
            var count: UInt64 = 0
            while let next = heap.first, isCurrent(next, word) {
                let (sum, overflow) = count.addingReportingOverflow(next.reader.count)
                guard !overflow else { throw Failure("a word's count is too large") }
                count = sum
                try step()
            }
            writer.add(word.bytes, word.count, count: count)
        }
        try writer.write(to: output)
    }

    private func isCurrent(_ cursor: Cursor, _ word: borrowing Arena) -> Bool {
        let other = cursor.reader.word
        guard other.count == word.count else { return false }
        for n in 0..<word.count where other[n] != word.bytes[n] { return false }
        return true
    }
}
