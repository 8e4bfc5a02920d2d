/// A library's tables as they will lie in memory, reached by address.
struct ElfImage {
    let bytes: ElfBytes
    let segments: [ElfLibrary.Segment]

    private typealias Dynamic = [(tag: UInt64, value: UInt64)]

    private enum Tag {
        static let strings: UInt64 = 5
        static let symbols: UInt64 = 6
        static let hash: UInt64 = 4
        static let gnuHash: UInt64 = 0x6FFF_FEF5
        static let needVersions: UInt64 = 0x6FFF_FFFE
    }

    /// Where in the file the byte at `address` comes from.
    private func fileOffset(of address: UInt64) throws(ElfFault) -> UInt64 {
        for segment in segments where segment.type == ElfLibrary.typeLoad {
            if address >= segment.address, address - segment.address < segment.fileBytes {
                return try bytes.offset(segment.offset, 1, address - segment.address)
            }
        }
        throw ElfFault("a table lies outside its segments")
    }

    /// Where in the file a name of the dynamic string table starts.
    private func nameOffset(_ index: UInt64, _ dynamic: [(tag: UInt64, value: UInt64)]) throws(ElfFault) -> UInt64 {
        guard let table = dynamic.first(where: { $0.tag == Tag.strings })?.value else { throw ElfFault("it has no string table") }
        return try fileOffset(of: try bytes.offset(table, 1, index))
    }

    /// A name of the dynamic string table.
    func name(_ index: UInt64, _ dynamic: [(tag: UInt64, value: UInt64)]) throws(ElfFault) -> String {
        try bytes.text(at: try nameOffset(index, dynamic))
    }

    /// Names that start with `prefix` of the global and weak symbols of default or protected visibility that the library defines.
    func exports(_ prefix: StaticString, _ dynamic: [(tag: UInt64, value: UInt64)]) throws(ElfFault) -> [String] {
        guard let address = dynamic.first(where: { $0.tag == Tag.symbols })?.value else { throw ElfFault("it has no symbol table") }
        let table = try fileOffset(of: address)
        let count = try symbolCount(dynamic)
        guard count <= UInt64(PackageLimits.symbols) else { throw ElfFault("it has more than \(PackageLimits.symbols) symbols") }
        var names: [String] = []
        for index in 1..<max(count, 1) {
            let base = try bytes.offset(table, index, 24)
            let information = try bytes.number(at: try bytes.offset(base, 1, 4), width: 1)
            let visibility = try bytes.number(at: try bytes.offset(base, 1, 5), width: 1) & 3
            let section = try bytes.half(try bytes.offset(base, 1, 6))
            let binding = information >> 4
            guard section != 0, binding == 1 || binding == 2 || binding == 10, visibility == 0 || visibility == 3 else { continue }
            let name = try nameOffset(try bytes.word(base), dynamic)
            guard bytes.starts(with: prefix, at: name) else { continue }
            guard names.count < PackageLimits.exports else { throw ElfFault("it exports more than \(PackageLimits.exports) \(prefix)*") }
            names.append(try bytes.text(at: name))
        }
        return names
    }

    /// The hash tables are what the loader looks names up in, so they say how many symbols count.
    private func symbolCount(_ dynamic: [(tag: UInt64, value: UInt64)]) throws(ElfFault) -> UInt64 {
        var count: UInt64 = 0
        var hasTable = false
        if let address = dynamic.first(where: { $0.tag == Tag.hash })?.value {
            hasTable = true
            count = try bytes.word(try bytes.offset(try fileOffset(of: address), 1, 4))
        }
        if let address = dynamic.first(where: { $0.tag == Tag.gnuHash })?.value {
            hasTable = true
            count = max(count, try gnuSymbolCount(try fileOffset(of: address)))
        }
        guard hasTable else { throw ElfFault("it has no symbol hash table") }
        return count
    }

    private func gnuSymbolCount(_ table: UInt64) throws(ElfFault) -> UInt64 {
        let buckets = try bytes.word(table)
        let first = try bytes.word(try bytes.offset(table, 1, 4))
        let blooms = try bytes.word(try bytes.offset(table, 1, 8))
        guard buckets <= UInt64(PackageLimits.symbols), blooms <= UInt64(PackageLimits.symbols) else {
            throw ElfFault("its symbol hash table is too large")
        }
        let bucketTable = try bytes.offset(try bytes.offset(table, 1, 16), blooms, 8)
        let chainTable = try bytes.offset(bucketTable, buckets, 4)
        var last: UInt64 = 0
        for index in 0..<buckets { last = max(last, try bytes.word(try bytes.offset(bucketTable, index, 4))) }
        guard last >= first else { return first }
        while last < first + UInt64(PackageLimits.symbols) {
            if try bytes.word(try bytes.offset(chainTable, last - first, 4)) & 1 == 1 { return last + 1 }
            last += 1
        }
        throw ElfFault("its symbol hash table has no end")
    }

    /// The symbol versions it needs, with the library each is needed of. As the loader does, it goes by the links and not by the counts.
    func neededVersions(_ dynamic: [(tag: UInt64, value: UInt64)]) throws(ElfFault) -> [(library: String, version: String)] {
        guard let address = dynamic.first(where: { $0.tag == Tag.needVersions })?.value else { return [] }
        var versions: [(library: String, version: String)] = []
        var need = try fileOffset(of: address)
        while true {
            let library = try name(try bytes.word(try bytes.offset(need, 1, 4)), dynamic)
            var version = try bytes.offset(need, 1, try bytes.word(try bytes.offset(need, 1, 8)))
            while true {
                guard versions.count < PackageLimits.versions else {
                    throw ElfFault("it needs more than \(PackageLimits.versions) versions")
                }
                versions.append((library, try name(try bytes.word(try bytes.offset(version, 1, 8)), dynamic)))
                let next = try bytes.word(try bytes.offset(version, 1, 12))
                if next == 0 { break }
                version = try bytes.offset(version, 1, next)
            }
            let next = try bytes.word(try bytes.offset(need, 1, 12))
            if next == 0 { return versions }
            need = try bytes.offset(need, 1, next)
        }
    }
}
