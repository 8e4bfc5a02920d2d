import TalkootCore

/// How the ends of a run's results are kept: as lengths, in the fewest bytes that hold the longest one.
///
/// First byte: the width of a length, 0, 1, 2, 4 or 8. Width 0: one length of 8 bytes follows, which all units share. Otherwise
/// one length a unit. Little endian. So a million counts of 8 bytes each cost 9 bytes here, not 8 MB.
enum ResultEnds {
    static func encode(_ ends: [Int]) -> [UInt8] {
        guard let first = ends.first else { return [] }
        var longest = 0
        var isUniform = true
        var previous = 0
        for end in ends {
            let length = end - previous
            longest = max(longest, length)
            if length != first { isUniform = false }
            previous = end
        }
        if isUniform { return [0] + littleEndian(UInt64(first), width: 8) }
        let width = longest <= 0xFF ? 1 : longest <= 0xFFFF ? 2 : longest <= 0xFFFF_FFFF ? 4 : 8
        var encoded: [UInt8] = [UInt8(width)]
        encoded.reserveCapacity(1 + width * ends.count)
        previous = 0
        for end in ends {
            var length = UInt64(end - previous)
            for _ in 0..<width {
                encoded.append(UInt8(truncatingIfNeeded: length))
                length >>= 8
            }
            previous = end
        }
        return encoded
    }

    /// The ends of `units` results that fill exactly `total` bytes; `nil` when the encoding says anything else.
    static func decode(_ encoded: some RandomAccessCollection<UInt8>, units: Int, total: Int) -> [Int]? {
        guard let width = encoded.first.map(Int.init), units > 0 else { return nil }
        let body = encoded.dropFirst()
        if width == 0 {
            guard body.count == 8, let length = Int(exactly: value(body)) else { return nil }
            let (product, overflow) = length.multipliedReportingOverflow(by: units)
            return !overflow && product == total ? (1...units).map { $0 * length } : nil
        }
        guard [1, 2, 4, 8].contains(width), body.count / width == units, body.count % width == 0 else { return nil }
        var ends: [Int] = []
        ends.reserveCapacity(units)
        var end = 0
        var start = body.startIndex
        while start != body.endIndex {
            let next = body.index(start, offsetBy: width)
            guard let length = Int(exactly: value(body[start..<next])), length <= total - end else { return nil }
            end += length
            ends.append(end)
            start = next
        }
        return end == total ? ends : nil
    }

    private static func littleEndian(_ value: UInt64, width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func value(_ bytes: some RandomAccessCollection<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
