/// What a call writes: its result. Everything is appended; nothing is sent before the call ends.
public struct Output {
    private let host: Host

    init(_ host: Host) { self.host = host }

    /// Appends bytes.
    ///
    /// - Throws: ``Failure`` when the output would pass its limit.
    public func write(_ bytes: Bytes) throws(Failure) {
        if !bytes.isEmpty, !host.write(bytes) { throw Self.full }
    }

    /// Appends bytes of an array.
    ///
    /// - Throws: ``Failure`` when the output would pass its limit.
    public func write(_ bytes: [UInt8]) throws(Failure) {
        let isWritten = bytes.withUnsafeBytes { $0.isEmpty || host.write($0) }
        if !isWritten { throw Self.full }
    }

    /// Appends text as UTF-8.
    ///
    /// - Throws: ``Failure`` when the output would pass its limit.
    public func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }

    /// Appends a number as its bytes, the lowest first, the same on every machine.
    ///
    /// - Throws: ``Failure`` when the output would pass its limit.
    public func write<Number: FixedWidthInteger>(_ number: Number) throws(Failure) {
        let isWritten = withUnsafeBytes(of: number.littleEndian) { host.write($0) }
        if !isWritten { throw Self.full }
    }

    /// Appends a binary64 number as its bytes.
    ///
    /// - Throws: ``Failure`` when the output would pass its limit.
    public func write(_ number: Double) throws(Failure) { try write(number.bitPattern) }

    /// Appends numbers one after the other; `numbers(of:)` of the bytes reads them.
    ///
    /// - Throws: ``Failure`` when the output would pass its limit.
    public func write<Number: FixedWidthInteger>(numbers: [Number]) throws(Failure) {
        for number in numbers { try write(number) }
    }

    /// Appends `count` bytes, not set to anything, and gives the place to fill before the call ends. Good for a large result.
    ///
    /// - Throws: ``Failure`` when the output would pass its limit.
    public func reserve(_ count: Int) throws(Failure) -> UnsafeMutableRawBufferPointer {
        guard let place = host.reserve(count) else { throw Self.full }
        return UnsafeMutableRawBufferPointer(start: place, count: count)
    }

    private static var full: Failure { Failure("the output passes its limit") }
}
