import TalkootModule

/// A hash table of words and their counts.
///
/// A slot holds the upper half of a word's hash and the number of its entry, so that a word that is not the one looked for is almost
/// always told apart without touching its bytes.
struct WordCounter: ~Copyable {
    private struct Entry {
        var start: Int
        var length: Int
        var count: UInt64
        var hash: UInt64
    }

    private var words = Arena()
    private var entries: [Entry] = []
    private var slots: UnsafeMutablePointer<UInt64>
    private var mask: Int
    /// The letter that a byte stands for in lower case; 0 for what is no letter.
    private let letters: UnsafeMutablePointer<UInt8>

    init() {
        mask = (1 << 12) - 1
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: 0, count: mask + 1)
        letters = .allocate(capacity: 256)
        letters.initialize(repeating: 0, count: 256)
        for letter in UInt8(ascii: "a")...UInt8(ascii: "z") {
            letters[Int(letter)] = letter
            letters[Int(letter - 32)] = letter
        }
    }

    deinit {
        slots.deallocate()
        letters.deallocate()
    }

    /// Counts the words of a text.
    mutating func count(_ text: Bytes) {
        guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        let end = text.count
        var at = 0
        while true {
            while at < end, letters[Int(base[at])] == 0 { at &+= 1 }
            if at == end { return }
            let start = at
            words.makeRoom(64)
            var place = words.bytes + words.count
            var room = 64
            var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
            while at < end, case let letter = letters[Int(base[at])], letter != 0 {
                if room == 0 {
                    // A long word: what is there of it counts as taken while room is made.
                    words.advance(at &- start)
                    words.makeRoom(at &- start &+ 64)
                    words.advance(start &- at)
                    place = words.bytes + words.count + (at &- start)
                    room = at &- start &+ 64
                }
                place.pointee = letter
                place += 1
                room &-= 1
                hash = (hash ^ UInt64(letter)) &* 0x0000_0100_0000_01B3
                at &+= 1
            }
            add(length: at &- start, hash: hash ^ hash >> 29)
        }
    }

    /// Counts the word that lies behind the end of `words`.
    private mutating func add(length: Int, hash: UInt64) {
        let word = words.bytes + words.count
        let upper = hash & 0xFFFF_FFFF_0000_0000
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            if slots[slot] & 0xFFFF_FFFF_0000_0000 == upper {
                let index = Int(slots[slot] & 0xFFFF_FFFF) - 1
                if isSame(entries[index], word, length) {
                    entries[index].count &+= 1
                    return
                }
            }
            slot = (slot &+ 1) & mask
        }
        entries.append(Entry(start: words.count, length: length, count: 1, hash: hash))
        words.advance(length)
        slots[slot] = upper | UInt64(entries.count)
        if entries.count * 2 > mask { grow() }
    }

    private func isSame(_ entry: Entry, _ word: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        guard entry.length == length else { return false }
        let known = words.bytes + entry.start
        var n = 0
        while n < length, known[n] == word[n] { n &+= 1 }
        return n == length
    }

    private mutating func grow() {
        slots.deallocate()
        mask = mask * 4 + 3
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: 0, count: mask + 1)
        for index in entries.indices {
            var slot = Int(truncatingIfNeeded: entries[index].hash) & mask
            while slots[slot] != 0 { slot = (slot &+ 1) & mask }
            slots[slot] = entries[index].hash & 0xFFFF_FFFF_0000_0000 | UInt64(index + 1)
        }
    }

    /// Writes the table of all words, ascending.
    consuming func writeTable(to output: Output) throws(Failure) {
        let bytes = UnsafePointer(words.bytes)
        var sorted = entries.indices.map { (key: order(bytes + entries[$0].start, entries[$0].length), index: $0) }
        let all = entries
        sorted.sort { left, right in
            if left.key != right.key { return left.key < right.key }
            let a = all[left.index]
            let b = all[right.index]
            return isAscending(bytes + a.start, a.length, bytes + b.start, b.length)
        }
        var writer = TableWriter()
        for each in sorted { writer.add(bytes + all[each.index].start, all[each.index].length, count: all[each.index].count) }
        try writer.write(to: output)
    }
}
