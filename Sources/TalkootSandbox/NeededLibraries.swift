import CTalkootSystem

/// Reads which shared libraries an ELF file needs, as far as the cell has to open them before it gives up the file system.
///
/// The file is a stranger's: every offset is checked, and what does not make sense needs nothing.
enum NeededLibraries {
    /// The flags for the file's needs, TALKOOT_PRELOAD_...
    static func preload(of bytes: [UInt8]) -> UInt32 {
        let known = [
            "libm.so.6": TALKOOT_PRELOAD_MATH, "libgcc_s.so.1": TALKOOT_PRELOAD_GCC, "libstdc++.so.6": TALKOOT_PRELOAD_CXX,
        ]
        return names(in: bytes).reduce(0) { flags, name in flags | UInt32(known[name] ?? 0) }
    }

    /// The names under DT_NEEDED, in order, at most 64.
    static func names(in bytes: [UInt8]) -> [String] {
        let file = Reader(bytes: bytes)
        guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return [] }
        guard let table = file.number(at: 32, bytes: 8), let count = file.number(at: 56, bytes: 2) else { return [] }
        let segments = (0..<min(count, 64)).compactMap { file.segment(at: table &+ $0 &* 56) }
        guard let dynamic = segments.first(where: { $0.type == 2 }) else { return [] }
        var needed: [UInt64] = []
        var strings: UInt64?
        for index in 0..<min(dynamic.size / 16, 1024) {
            let entry = dynamic.offset &+ index &* 16
            guard let tag = file.number(at: entry, bytes: 8), let value = file.number(at: entry &+ 8, bytes: 8), tag != 0 else { break }
            if tag == 1 { needed.append(value) }
            if tag == 5 { strings = value }
        }
        guard let strings, let home = segments.first(where: { $0.type == 1 && strings >= $0.address && strings &- $0.address < $0.size })
        else { return [] }
        let base = home.offset &+ (strings &- home.address)
        return needed.prefix(64).compactMap { file.text(at: base &+ $0) }
    }
}

/// Little-endian numbers and texts at checked places.
private struct Reader {
    struct Segment {
        var type: UInt64
        var offset: UInt64
        var address: UInt64
        var size: UInt64
    }

    var bytes: [UInt8]

    func number(at place: UInt64, bytes count: Int) -> UInt64? {
        guard place < UInt64(bytes.count), UInt64(bytes.count) - place >= UInt64(count) else { return nil }
        return (0..<count).reduce(0) { sum, index in sum | UInt64(bytes[Int(place) + index]) << UInt64(8 * index) }
    }

    func segment(at place: UInt64) -> Segment? {
        guard let type = number(at: place, bytes: 4), let offset = number(at: place &+ 8, bytes: 8),
            let address = number(at: place &+ 16, bytes: 8), let size = number(at: place &+ 32, bytes: 8)
        else { return nil }
        return Segment(type: type, offset: offset, address: address, size: size)
    }

    /// At most 64 bytes up to a NUL.
    func text(at place: UInt64) -> String? {
        guard place < UInt64(bytes.count) else { return nil }
        let rest = bytes[Int(place)...].prefix(64)
        guard let end = rest.firstIndex(of: 0) else { return nil }
        return String(decoding: rest[..<end], as: UTF8.self)
    }
}
