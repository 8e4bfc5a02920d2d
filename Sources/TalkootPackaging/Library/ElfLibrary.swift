/// What the dynamic loader would see of a shared library: its segments, its dynamic section, its symbols and the versions it needs.
///
/// Reads the program headers only, as the loader does; section headers may say anything. Source: System V ABI, and the loader's own
/// `elf/dl-load.c` for which fields count. Every offset is checked; every loop has a bound of ``PackageLimits``.
struct ElfLibrary {
    struct Segment {
        let type: UInt64
        let flags: UInt64
        let offset: UInt64
        let address: UInt64
        let fileBytes: UInt64
        let memoryBytes: UInt64

        var isWritable: Bool { flags & 2 != 0 }
        var isExecutable: Bool { flags & 1 != 0 }
    }

    let machine: UInt64
    let type: UInt64
    let segments: [Segment]
    /// The dynamic section, in order, up to its end mark.
    let dynamic: [(tag: UInt64, value: UInt64)]
    let needed: [String]
    /// Names of the symbols that it defines and shows and that start with `talkoot_module_`.
    let exports: [String]
    /// The symbol versions it needs of the C library, `GLIBC_2.34` for instance.
    let glibcVersions: [String]

    static let typeLoad: UInt64 = 1
    static let typeDynamic: UInt64 = 2
    static let typeInterpreter: UInt64 = 3
    static let typeStack: UInt64 = 0x6474_E551

    init(_ content: [UInt8]) throws(ElfFault) {
        let bytes = ElfBytes(content)
        guard content.count >= 64, Array(content[..<4]) == [0x7F, 0x45, 0x4C, 0x46] else { throw ElfFault("it is not an ELF file") }
        guard content[4] == 2, content[5] == 1, content[6] == 1 else { throw ElfFault("it is not a 64-bit little-endian ELF file") }
        type = try bytes.half(16)
        machine = try bytes.half(18)
        segments = try Self.readSegments(bytes)
        let image = ElfImage(bytes: bytes, segments: segments)
        dynamic = try Self.readDynamic(bytes, segments)
        needed = try Self.texts(image, dynamic, tag: 1)
        exports = try image.exports("talkoot_module_", dynamic)
        glibcVersions = try image.neededVersions(dynamic).filter { $0.library.hasPrefix("lib") && $0.version.hasPrefix("GLIBC_") }.map(
            \.version)
    }

    /// The value of a dynamic entry.
    func value(_ tag: UInt64) -> UInt64? { dynamic.first { $0.tag == tag }?.value }

    private static func readSegments(_ bytes: ElfBytes) throws(ElfFault) -> [Segment] {
        let table = try bytes.long(32)
        let count = try bytes.half(56)
        guard try bytes.half(54) == 56, (1...64).contains(count) else { throw ElfFault("its program headers have another size or number") }
        var segments: [Segment] = []
        for index in 0..<count {
            let base = try bytes.offset(table, index, 56)
            let segment = Segment(
                type: try bytes.word(base), flags: try bytes.word(try bytes.offset(base, 1, 4)),
                offset: try bytes.long(try bytes.offset(base, 1, 8)),
                address: try bytes.long(try bytes.offset(base, 1, 16)), fileBytes: try bytes.long(try bytes.offset(base, 1, 32)),
                memoryBytes: try bytes.long(try bytes.offset(base, 1, 40)))
            guard segment.type == typeStack || segment.offset <= bytes.count && segment.fileBytes <= bytes.count - segment.offset else {
                throw ElfFault("a segment lies beyond its end")
            }
            segments.append(segment)
        }
        return segments
    }

    private static func readDynamic(_ bytes: ElfBytes, _ segments: [Segment]) throws(ElfFault) -> [(tag: UInt64, value: UInt64)] {
        let found = segments.filter { $0.type == typeDynamic }
        guard found.count == 1, let segment = found.first else { throw ElfFault("it has no dynamic section, or several") }
        var entries: [(tag: UInt64, value: UInt64)] = []
        for index in 0..<min(segment.fileBytes / 16, UInt64(PackageLimits.dynamicEntries)) {
            let base = try bytes.offset(segment.offset, index, 16)
            let tag = try bytes.long(base)
            if tag == 0 { return entries }
            entries.append((tag, try bytes.long(try bytes.offset(base, 1, 8))))
        }
        throw ElfFault("its dynamic section has no end")
    }

    private static func texts(_ image: ElfImage, _ dynamic: [(tag: UInt64, value: UInt64)], tag: UInt64) throws(ElfFault) -> [String] {
        var texts: [String] = []
        for entry in dynamic where entry.tag == tag { texts.append(try image.name(entry.value, dynamic)) }
        return texts
    }
}
