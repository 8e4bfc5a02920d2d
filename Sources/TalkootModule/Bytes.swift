extension UnsafeRawBufferPointer {
    /// The number whose bytes start at `offset`, the lowest first, as ``Output/write(_:)`` wrote it.
    ///
    /// - Throws: ``Failure`` when there are too few bytes.
    public func value<Number: FixedWidthInteger>(_ type: Number.Type = Number.self, at offset: Int = 0) throws(Failure) -> Number {
        guard offset >= 0, offset <= count, MemoryLayout<Number>.size <= count - offset else {
            throw Failure("there are fewer bytes than a number has")
        }
        return Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    /// The binary64 number whose bytes start at `offset`.
    ///
    /// - Throws: ``Failure`` when there are too few bytes.
    public func real(at offset: Int = 0) throws(Failure) -> Double {
        Double(bitPattern: try value(UInt64.self, at: offset))
    }

    /// At most `length` bytes from `offset`, not copied; empty beyond the end.
    public func part(from offset: Int, length: Int = .max) -> Bytes {
        guard offset >= 0, offset < count, length > 0 else { return Bytes(start: nil, count: 0) }
        return Bytes(rebasing: self[offset..<offset + Swift.min(length, count - offset)])
    }

    /// The lines, without their newlines, not copied. A last line without one counts, too.
    public var lines: Lines { Lines(self) }

    /// Numbers one after the other, not copied.
    ///
    /// - Throws: ``Failure`` unless the bytes are a whole number of them.
    public func numbers<Number: FixedWidthInteger>(of type: Number.Type) throws(Failure) -> Numbers<Number> {
        guard count % MemoryLayout<Number>.size == 0 else { throw Failure("the bytes are no whole number of numbers") }
        return Numbers(self)
    }

    /// Pieces of `size` bytes, the last one perhaps shorter, not copied. For an input of `records(SIZE)` or `bytes(BLOCK)`.
    public func pieces(of size: Int) -> Pieces { Pieces(self, size: size) }
}

/// The lines of some bytes.
public struct Lines: Sequence, IteratorProtocol {
    private var rest: Bytes

    init(_ bytes: Bytes) { rest = bytes }

    /// The next line without its newline; `nil` after the last.
    public mutating func next() -> Bytes? {
        guard !rest.isEmpty else { return nil }
        var end = 0
        while end < rest.count, rest[end] != UInt8(ascii: "\n") { end += 1 }
        defer { rest = rest.part(from: end + 1) }
        return rest.part(from: 0, length: end)
    }
}

/// Numbers in bytes.
public struct Numbers<Number: FixedWidthInteger>: RandomAccessCollection {
    private let bytes: Bytes

    init(_ bytes: Bytes) { self.bytes = bytes }

    /// 0.
    public var startIndex: Int { 0 }
    /// How many numbers there are.
    public var endIndex: Int { bytes.count / MemoryLayout<Number>.size }
    /// One number.
    public subscript(position: Int) -> Number {
        Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position * MemoryLayout<Number>.size, as: Number.self))
    }
}

/// Pieces of equal size in bytes.
public struct Pieces: RandomAccessCollection {
    private let bytes: Bytes
    private let size: Int

    init(_ bytes: Bytes, size: Int) {
        precondition(size > 0, "a piece has at least one byte")
        (self.bytes, self.size) = (bytes, size)
    }

    /// 0.
    public var startIndex: Int { 0 }
    /// How many pieces there are.
    public var endIndex: Int { bytes.count / size + (bytes.count % size == 0 ? 0 : 1) }
    /// One piece.
    public subscript(position: Int) -> Bytes { bytes.part(from: position * size, length: size) }
}
