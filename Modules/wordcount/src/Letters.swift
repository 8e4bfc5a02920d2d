/// Bytes that grow at their end and are never moved while they are read: words are kept in it one after another.
struct Arena: ~Copyable {
    private(set) var bytes: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private var capacity: Int

    init(capacity: Int = 64 << 10) {
        self.capacity = capacity
        bytes = .allocate(capacity: capacity)
    }

    deinit { bytes.deallocate() }

    /// Makes sure that `more` bytes fit behind the end.
    mutating func makeRoom(_ more: Int) {
        guard capacity - count < more else { return }
        capacity = 2 * capacity + more
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: bytes, count: count)
        bytes.deallocate()
        bytes = larger
    }

    /// Takes in bytes that were written behind the end.
    mutating func advance(_ more: Int) { count += more }

    mutating func removeAll() { count = 0 }

    /// Forgets what lies behind the first `length` bytes.
    mutating func truncate(to length: Int) { count = min(count, length) }

    mutating func append(_ byte: UInt8) {
        makeRoom(1)
        bytes[count] = byte
        count += 1
    }

    mutating func append(_ more: UnsafePointer<UInt8>, _ length: Int) {
        makeRoom(length)
        (bytes + count).update(from: more, count: length)
        count += length
    }

    /// A number in groups of seven bits, the lowest first.
    mutating func append(number: UInt64) {
        var rest = number
        while rest >= 128 {
            append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    mutating func append(decimal number: UInt64) {
        let digits = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { (buffer) -> Int in
            var rest = number
            var place = 20
            repeat {
                place -= 1
                buffer[place] = UInt8(48 + rest % 10)
                rest /= 10
            } while rest > 0
            makeRoom(20)
            for n in place..<20 { bytes[count + n - place] = buffer[n] }
            return 20 - place
        }
        count += digits
    }
}

/// The order of words: by their bytes, a beginning before its continuation.
func isAscending(_ left: UnsafePointer<UInt8>, _ leftLength: Int, _ right: UnsafePointer<UInt8>, _ rightLength: Int) -> Bool {
    let shared = min(leftLength, rightLength)
    var n = 0
    while n < shared {
        if left[n] != right[n] { return left[n] < right[n] }
        n += 1
    }
    return leftLength < rightLength
}

/// The first eight bytes as one number, zeros behind the end: ordered as the bytes are.
func order(_ word: UnsafePointer<UInt8>, _ length: Int) -> UInt64 {
    var number: UInt64 = 0
    for n in 0..<8 { number = number << 8 | (n < length ? UInt64(word[n]) : 0) }
    return number
}
