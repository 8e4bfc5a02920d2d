/// Numbers that follow from a seed (SplitMix64), so that a failing case can be run again.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

extension SeededRandom {
    /// Text of random lines, most short, some empty, some long, with or without a newline at the end.
    mutating func text(lines: Int) -> [UInt8] {
        var text: [UInt8] = []
        for _ in 0..<lines {
            let length =
                Int.random(in: 0..<10, using: &self) == 0 ? Int.random(in: 0..<3_000, using: &self) : Int.random(in: 0..<60, using: &self)
            for _ in 0..<length {
                let byte = UInt8.random(in: 0...255, using: &self)
                text.append(byte == 10 ? 11 : byte)
            }
            text.append(10)
        }
        if Bool.random(using: &self), !text.isEmpty { text.removeLast() }
        return text
    }

    /// Cuts bytes into pieces of random lengths up to `limit`.
    mutating func pieces(of bytes: [UInt8], limit: Int) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 0...limit, using: &self))
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }
}

/// The items of an input found the simple way: the offsets at which they end.
func naiveItemEnds(of bytes: [UInt8], lines: Bool, size: Int = 1) -> [Int] {
    var ends: [Int] = []
    for position in bytes.indices where lines ? bytes[position] == 10 : (position + 1) % size == 0 { ends.append(position + 1) }
    if let last = ends.last ?? (bytes.isEmpty ? nil : 0), last < bytes.count { ends.append(bytes.count) }
    return ends
}

/// Every `count`th end, and the last one.
func unitEnds(of itemEnds: [Int], itemsPerUnit count: Int) -> [Int] {
    itemEnds.enumerated().filter { ($0.offset + 1) % count == 0 || $0.offset == itemEnds.count - 1 }.map(\.element)
}
