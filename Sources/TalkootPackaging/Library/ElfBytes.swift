/// Why a file is not a shared library that can be examined.
struct ElfFault: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// Little-endian numbers and texts of a file, each read checked against its end.
struct ElfBytes {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var count: UInt64 { UInt64(bytes.count) }

    /// A number of `width` bytes at `offset`.
    func number(at offset: UInt64, width: UInt64) throws(ElfFault) -> UInt64 {
        guard offset <= count, width <= count - offset else { throw ElfFault("it points beyond its own end") }
        var value: UInt64 = 0
        for index in (0..<Int(width)).reversed() { value = value << 8 | UInt64(bytes[Int(offset) + index]) }
        return value
    }

    func half(_ offset: UInt64) throws(ElfFault) -> UInt64 { try number(at: offset, width: 2) }
    func word(_ offset: UInt64) throws(ElfFault) -> UInt64 { try number(at: offset, width: 4) }
    func long(_ offset: UInt64) throws(ElfFault) -> UInt64 { try number(at: offset, width: 8) }

    /// `base + index * size`, refused when it does not fit.
    func offset(_ base: UInt64, _ index: UInt64, _ size: UInt64) throws(ElfFault) -> UInt64 {
        let (product, overflow) = index.multipliedReportingOverflow(by: size)
        let (sum, carry) = base.addingReportingOverflow(product)
        guard !overflow, !carry else { throw ElfFault("it points beyond its own end") }
        return sum
    }

    /// Whether a text starts so, at an offset within the file or not.
    func starts(with prefix: StaticString, at offset: UInt64) -> Bool {
        prefix.withUTF8Buffer { offset < count && bytes[Int(offset)...].starts(with: $0) }
    }

    /// A text of at most 1024 bytes that ends with a zero byte.
    func text(at offset: UInt64) throws(ElfFault) -> String {
        guard offset < count else { throw ElfFault("it points beyond its own end") }
        let tail = bytes[Int(offset)...].prefix(1025)
        guard let end = tail.firstIndex(of: 0) else { throw ElfFault("a name in it has no end") }
        return String(decoding: tail[..<end], as: UTF8.self)
    }
}
