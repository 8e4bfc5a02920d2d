import Glibc

/// Names the function of a library in which an address lies, from the file's symbol table.
///
/// The file is a stranger's: every offset is checked, every count has a limit, and what does not make sense has no name.
struct ModuleSymbols {
    /// The most sections that are looked through.
    private static let sectionLimit = 1024
    /// The most symbols of a table that are looked through.
    private static let symbolLimit = 1 << 18
    /// How many symbols are read at a time.
    private static let chunk = 1 << 14
    /// The size of an entry of a symbol table.
    private static let entryBytes = 24
    /// The size of a section's header.
    private static let headerBytes = 64
    /// The types of sections with symbols, the better one first: SHT_SYMTAB, SHT_DYNSYM.
    private static let tables: [UInt32] = [2, 11]

    /// The library: a descriptor that is read at given offsets.
    let file: Int32
    /// Its size, in bytes.
    let sizeBytes: UInt64

    private struct Section {
        var type: UInt32
        var offset: UInt64
        var size: UInt64
        var link: UInt32
    }

    private struct Symbol {
        var name: UInt64
        var address: UInt64
    }

    /// The function's name as its author wrote it, as far as that is simple; nil when there is none. About 1 ms for 10,000 symbols.
    func name(at address: UInt64) -> String? {
        let sections = sections()
        for type in Self.tables {
            for table in sections where table.type == type && table.link < UInt32(sections.count) {
                guard let symbol = nearest(to: address, in: table) else { continue }
                if let name = text(at: symbol.name, in: sections[Int(table.link)]) { return SymbolName.readable(name) }
            }
        }
        return nil
    }

    private func sections() -> [Section] {
        guard let header = read(at: 0, count: 64), header.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return [] }
        let (start, size, count) = header.withUnsafeBytes {
            ($0.number(at: 40, as: UInt64.self), $0.number(at: 58, as: UInt16.self), Int($0.number(at: 60, as: UInt16.self)))
        }
        guard size == Self.headerBytes, let bytes = read(at: start, count: min(count, Self.sectionLimit) * Self.headerBytes) else {
            return []
        }
        return bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: Self.headerBytes).map { place in
                Section(
                    type: bytes.number(at: place + 4, as: UInt32.self), offset: bytes.number(at: place + 24, as: UInt64.self),
                    size: bytes.number(at: place + 32, as: UInt64.self), link: bytes.number(at: place + 40, as: UInt32.self))
            }
        }
    }

    /// The function that holds the address, the one that starts last when several do.
    private func nearest(to address: UInt64, in table: Section) -> Symbol? {
        let count = Int(min(table.size / UInt64(Self.entryBytes), UInt64(Self.symbolLimit)))
        var best: Symbol?
        for first in stride(from: 0, to: count, by: Self.chunk) {
            let wanted = min(Self.chunk, count - first) * Self.entryBytes
            guard let bytes = read(at: table.offset &+ UInt64(first * Self.entryBytes), count: wanted) else { break }
            bytes.withUnsafeBytes { bytes in
                for place in stride(from: 0, to: wanted, by: Self.entryBytes) {
                    // Functions and functions chosen at run time (STT_FUNC, STT_GNU_IFUNC), defined here.
                    let kind = bytes[place + 4] & 15
                    guard kind == 2 || kind == 10, bytes.number(at: place + 6, as: UInt16.self) != 0 else { continue }
                    let start = bytes.number(at: place + 8, as: UInt64.self)
                    let size = bytes.number(at: place + 16, as: UInt64.self)
                    guard start <= address, address - start < max(size, 1), start >= best?.address ?? 0 else { continue }
                    best = Symbol(name: UInt64(bytes.number(at: place, as: UInt32.self)), address: start)
                }
            }
        }
        return best
    }

    /// A name of a string table, at most `SymbolName.limitBytes` long; nil when it is empty.
    private func text(at place: UInt64, in section: Section) -> [UInt8]? {
        guard place < section.size else { return nil }
        let count = Int(min(section.size - place, UInt64(SymbolName.limitBytes)))
        let (start, overflow) = section.offset.addingReportingOverflow(place)
        guard !overflow, let bytes = read(at: start, count: count) else { return nil }
        let name = bytes.prefix { $0 != 0 }
        return name.isEmpty ? nil : Array(name)
    }

    private func read(at offset: UInt64, count: Int) -> [UInt8]? {
        guard count > 0, offset < sizeBytes, sizeBytes - offset >= UInt64(count) else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = max(0, pread(file, buffer.baseAddress, count, off_t(offset)))
        }
        return bytes.count == count ? bytes : nil
    }
}

extension UnsafeRawBufferPointer {
    /// A little-endian number at a place that the caller has checked.
    fileprivate func number<Number: FixedWidthInteger>(at place: Int, as type: Number.Type) -> Number {
        Number(littleEndian: loadUnaligned(fromByteOffset: place, as: type))
    }
}
