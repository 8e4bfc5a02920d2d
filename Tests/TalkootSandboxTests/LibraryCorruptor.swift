/// Makes broken copies of a good shared library, each broken in one place of meaning or cut off.
struct LibraryCorruptor {
    /// Part of the file in which something lies whose corruption is worth trying: its name, its entries' size and how many there are.
    private struct Part {
        var name: String
        var start: Int
        var entryBytes: Int
        var count: Int
        /// The widths of an entry's fields, in order.
        var fields: [Int]
    }

    private let good: [UInt8]
    private let parts: [Part]

    /// Nil when the library is not a 64-bit little-endian one with a dynamic section.
    init?(_ good: [UInt8]) {
        self.good = good
        let header = Part(
            name: "header", start: 0, entryBytes: 64, count: 1, fields: [4, 1, 1, 1, 9, 2, 2, 4, 8, 8, 8, 4, 2, 2, 2, 2, 2, 2])
        let segments = Part(
            name: "program header", start: Int(Self.number(good, 32, 8)), entryBytes: 56, count: Int(Self.number(good, 56, 2)),
            fields: [4, 4, 8, 8, 8, 8, 8, 8])
        let starts = (0..<segments.count).map { segments.start + $0 * 56 }
        guard let dynamic = starts.first(where: { Self.number(good, $0, 4) == 2 }) else { return nil }
        let table = Part(
            name: "dynamic entry", start: Int(Self.number(good, dynamic + 8, 8)), entryBytes: 16,
            count: Int(Self.number(good, dynamic + 32, 8)) / 16, fields: [8, 8])
        parts = [header, segments, table] + Self.tables(good, dynamic: table, segments: starts)
    }

    /// A broken copy, and what is broken in it.
    func corrupted(using random: inout SeededGenerator) -> (bytes: [UInt8], how: String) {
        let kind = Int.random(in: 0..<parts.count + 2, using: &random)
        if kind == parts.count {
            let size = Int.random(in: 0..<good.count, using: &random)
            return (Array(good.prefix(size)), "cut off at \(size)")
        }
        var bytes = good
        if kind == parts.count + 1 {
            let places = (0..<8).map { _ in Int.random(in: 0..<good.count, using: &random) }
            for place in places { bytes[place] = UInt8.random(in: 0...255, using: &random) }
            return (bytes, "bytes at \(places)")
        }
        let part = parts[kind]
        var how = part.name
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            let entry = Int.random(in: 0..<part.count, using: &random)
            let field = Int.random(in: 0..<part.fields.count, using: &random)
            let width = min(part.fields[field], 8)
            let place = part.start + entry * part.entryBytes + part.fields[..<field].reduce(0, +)
            let value = Self.value(instead: Self.number(bytes, place, width), using: &random)
            for index in 0..<width { bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
            how += ", entry \(entry) field \(field) is \(value)"
        }
        return (bytes, how)
    }

    private static func value(instead old: UInt64, using random: inout SeededGenerator) -> UInt64 {
        let edges: [UInt64] = [0, 1, 7, 4096, 1 << 31, 1 << 32, 1 << 47, 1 << 63, .max, .max - 4095]
        return switch Int.random(in: 0..<4, using: &random) {
        case 0: edges[Int.random(in: 0..<edges.count, using: &random)]
        case 1: old ^ 1 << UInt64.random(in: 0..<64, using: &random)
        case 2: old &+ UInt64.random(in: 0..<64, using: &random) &- 32
        default: UInt64.random(in: 0...UInt64.max, using: &random)
        }
    }

    /// Relocations, symbols, strings, the hash table and the constructors, as far as the dynamic section leads to them.
    private static func tables(_ bytes: [UInt8], dynamic: Part, segments: [Int]) -> [Part] {
        var values: [UInt64: UInt64] = [:]
        for entry in 0..<dynamic.count {
            values[number(bytes, dynamic.start + entry * 16, 8)] = number(bytes, dynamic.start + entry * 16 + 8, 8)
        }
        func place(_ tag: UInt64) -> Int? {
            guard let address = values[tag] else { return nil }
            let home = segments.first { start in
                let from = number(bytes, start + 16, 8)
                return number(bytes, start, 4) == 1 && address >= from && address - from < number(bytes, start + 32, 8)
            }
            return home.map { Int(number(bytes, $0 + 8, 8) + address - number(bytes, $0 + 16, 8)) }
        }
        let known: [(name: String, tag: UInt64, size: UInt64?, entry: Int, fields: [Int])] = [
            ("relocation", 7, values[8], 24, [8, 8, 8]), ("late relocation", 23, values[2], 24, [8, 8, 8]),
            ("symbol", 6, 24 * 16, 24, [4, 1, 1, 2, 8, 8]), ("string", 5, values[10], 1, [1]), ("hash table", 0x6fff_fef5, 64, 4, [4]),
            ("constructor", 25, values[27], 8, [8]), ("needed version", 0x6fff_fffe, 16, 16, [2, 2, 4, 4, 4]),
        ]
        return known.compactMap { name, tag, size, entry, fields in
            guard let start = place(tag), let size, size >= entry, start + Int(size) <= bytes.count else { return nil }
            return Part(name: name, start: start, entryBytes: entry, count: Int(size) / entry, fields: fields)
        }
    }

    /// A little-endian number of the file; 0 beyond its end.
    private static func number(_ bytes: [UInt8], _ place: Int, _ width: Int) -> UInt64 {
        guard place >= 0, place + width <= bytes.count else { return 0 }
        return (0..<width).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
    }
}
