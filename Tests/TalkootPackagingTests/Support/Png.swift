/// Reads a PNG of 8-bit red, green and blue by the letter of its standards (RFC 2083, 1950, 1951), apart from the filters.
struct Png {
    let width: Int
    let height: Int
    /// The rows as they are packed: a filter byte and 3 * width bytes each.
    let rows: [UInt8]

    struct Fault: Error { let reason: String }

    init(_ file: [UInt8]) throws {
        guard Array(file.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10] else { throw Fault(reason: "signature") }
        var at = 8
        var header: [UInt8] = []
        var packed: [UInt8] = []
        var types: [String] = []
        while at < file.count {
            let size = Png.number(file, at)
            guard at + 12 + size <= file.count else { throw Fault(reason: "a chunk lies beyond the end") }
            let body = Array(file[at + 4..<at + 8 + size])
            guard Png.crc(body) == UInt32(Png.number(file, at + 8 + size)) else { throw Fault(reason: "check of a chunk") }
            types.append(String(decoding: body[..<4], as: UTF8.self))
            if types.last == "IHDR" { header = Array(body[4...]) }
            if types.last == "IDAT" { packed += body[4...] }
            at += 12 + size
        }
        guard types.first == "IHDR", types.last == "IEND", Set(types) == ["IHDR", "IDAT", "IEND"] else { throw Fault(reason: "chunks") }
        guard header.count == 13, Array(header[8...]) == [8, 2, 0, 0, 0] else { throw Fault(reason: "kind of picture") }
        (width, height) = (Png.number(header, 0), Png.number(header, 4))
        guard packed.count > 6, Png.number(packed, 0) >> 16 % 31 == 0, packed[0] == 0x78 else { throw Fault(reason: "zlib header") }
        var inflate = Inflate(Array(packed[2..<packed.count - 4]))
        rows = try inflate.all()
        guard rows.count == (3 * width + 1) * height else { throw Fault(reason: "size of the rows") }
        guard Png.adler(rows) == UInt32(Png.number(packed, packed.count - 4)) else { throw Fault(reason: "check of the rows") }
        for row in 0..<height where rows[row * (3 * width + 1)] > 4 { throw Fault(reason: "filter of a row") }
    }

    private static func number(_ bytes: [UInt8], _ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
        }
        return ~value
    }

    private static func adler(_ bytes: [UInt8]) -> UInt32 {
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 65521
            b = (b + a) % 65521
        }
        return b << 16 | a
    }
}

/// Unpacks deflate with dynamic codes.
struct Inflate {
    private let bytes: [UInt8]
    private var bit = 0
    private var out: [UInt8] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func all() throws -> [UInt8] {
        var isLast = false
        while !isLast {
            isLast = try take(1) == 1
            guard try take(2) == 2 else { throw Png.Fault(reason: "another kind of block") }
            try block()
        }
        guard bytes.count * 8 - bit < 8 else { throw Png.Fault(reason: "bytes after the last block") }
        return out
    }

    private mutating func take(_ count: Int) throws -> Int {
        var value = 0
        for index in 0..<count {
            guard bit >> 3 < bytes.count else { throw Png.Fault(reason: "end within a block") }
            value |= Int(bytes[bit >> 3] >> UInt8(bit & 7) & 1) << index
            bit += 1
        }
        return value
    }

    /// Symbols by length and code.
    private struct Code {
        var symbols: [Int: Int] = [:]

        init(_ lengths: [Int]) throws {
            var code = 0
            var room = 1
            for length in 1...15 {
                code <<= 1
                room <<= 1
                for (symbol, each) in lengths.enumerated() where each == length {
                    symbols[length << 16 | code] = symbol
                    code += 1
                    room -= 1
                }
                guard room >= 0 else { throw Png.Fault(reason: "a code with too many symbols") }
            }
            guard room == 0 else { throw Png.Fault(reason: "a code with too few symbols") }
        }
    }

    private mutating func symbol(_ code: Code) throws -> Int {
        var value = 0
        for length in 1...15 {
            value = value << 1 | (try take(1))
            if let symbol = code.symbols[length << 16 | value] { return symbol }
        }
        throw Png.Fault(reason: "no such symbol")
    }

    private mutating func codes() throws -> (literals: Code, distances: Code) {
        let (literals, distances, lengths) = (try take(5) + 257, try take(5) + 1, try take(4) + 4)
        var meta = [Int](repeating: 0, count: 19)
        for place in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].prefix(lengths) { meta[place] = try take(3) }
        let code = try Code(meta)
        var all: [Int] = []
        while all.count < literals + distances {
            switch try symbol(code) {
            case 17: all += [Int](repeating: 0, count: try take(3) + 3)
            case 18: all += [Int](repeating: 0, count: try take(7) + 11)
            case let length: all.append(length)
            }
        }
        return (try Code(Array(all[..<literals])), try Code(Array(all[literals...])))
    }

    private mutating func block() throws {
        let (literals, distances) = try codes()
        let base = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258]
        while true {
            let symbol = try symbol(literals)
            if symbol == 256 { return }
            if symbol < 256 {
                out.append(UInt8(symbol))
                continue
            }
            let index = symbol - 257
            guard index < 29 else { throw Png.Fault(reason: "no such length") }
            let length = base[index] + (try take(index < 8 || index == 28 ? 0 : index / 4 - 1))
            let place = try self.symbol(distances)
            let extra = place < 4 ? 0 : place / 2 - 1
            let distance = (place < 4 ? place : (2 + place % 2) << extra) + (try take(extra)) + 1
            guard distance <= out.count else { throw Png.Fault(reason: "a repeat from before the start") }
            for _ in 0..<length { out.append(out[out.count - distance]) }
        }
    }
}
