import TalkootModule

// A table holds words in ascending order, each once. An entry is: how many letters it shares with the word before it, how many follow,
// those letters, the count. Numbers are in groups of seven bits, the lowest first.

/// Writes a table.
struct TableWriter: ~Copyable {
    private var table = Arena()
    private var last = Arena(capacity: 256)

    /// Appends a word, which must come after the one before.
    mutating func add(_ word: UnsafePointer<UInt8>, _ length: Int, count: UInt64) {
        var shared = 0
        while shared < length, shared < last.count, last.bytes[shared] == word[shared] { shared += 1 }
        table.append(number: UInt64(shared))
        table.append(number: UInt64(length - shared))
        table.append(word + shared, length - shared)
        table.append(number: count)
        last.removeAll()
        last.append(word, length)
    }

    consuming func write(to output: Output) throws(Failure) {
        try output.write(Bytes(start: table.bytes, count: table.count))
    }
}

/// Reads a table that may come from anybody: whatever is wrong with it is a failure, never a crash.
struct TableReader: ~Copyable {
    private let table: Bytes
    private var at = 0
    private var current = Arena(capacity: 256)
    /// The count of the word that ``advance()`` came to.
    private(set) var count: UInt64 = 0

    init(_ table: Bytes) { self.table = table }

    /// The word that ``advance()`` came to; valid until the next call.
    var word: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: current.bytes, count: current.count) }

    /// Goes to the next word; false at the end.
    mutating func advance() throws(Failure) -> Bool {
        if at == table.count { return false }
        let isFirst = at == 0
        let shared = try number()
        let more = try number()
        guard shared <= UInt64(current.count), more <= UInt64(table.count - at) else { throw Self.fault }
        let kept = Int(shared)
        let length = Int(more)
        guard let base = table.baseAddress?.assumingMemoryBound(to: UInt8.self) else { throw Self.fault }
        // What follows must make the word a later one.
        guard length > 0, isFirst || kept == current.count || base[at] > current.bytes[kept] else { throw Self.fault }
        current.truncate(to: kept)
        for n in at..<at + length where !(97...122).contains(base[n]) { throw Self.fault }
        current.append(base + at, length)
        at += length
        count = try number()
        return true
    }

    private mutating func number() throws(Failure) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < table.count, shift < 63 {
            let byte = table[at]
            at += 1
            value |= UInt64(byte & 127) << shift
            if byte < 128 { return value }
            shift += 7
        }
        throw Self.fault
    }

    private static var fault: Failure { Failure("a result is not a table of words") }
}
