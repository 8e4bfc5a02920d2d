import TalkootCore
import Testing

@Suite("InputSplitter")
struct InputSplitterTests {
    @Test("Random lines cut into random pieces give the same units as a naive split", arguments: 0..<40 as Range<UInt64>)
    func lines(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let text = random.text(lines: Int.random(in: 0..<400, using: &random))
        let itemsPerUnit = Int.random(in: 1...50, using: &random)
        let expected = unitEnds(of: naiveItemEnds(of: text, lines: true), itemsPerUnit: itemsPerUnit)
        let ends = try split(text, kind: .lines, itemsPerUnit: itemsPerUnit, random: &random)
        #expect(ends == expected, "seed \(seed)")
    }

    @Test("Blocks are cut by size, the last one perhaps shorter", arguments: 0..<20 as Range<UInt64>)
    func blocks(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let size = Int.random(in: 1...70, using: &random)
        let bytes = [UInt8](repeating: 10, count: Int.random(in: 0..<5_000, using: &random))
        let itemsPerUnit = Int.random(in: 1...20, using: &random)
        let expected = unitEnds(of: naiveItemEnds(of: bytes, lines: false, size: size), itemsPerUnit: itemsPerUnit)
        let ends = try split(bytes, kind: .bytes(UInt64(size)), itemsPerUnit: itemsPerUnit, random: &random)
        #expect(ends == expected, "seed \(seed)")
    }

    @Test("A record that is cut off is bad data")
    func cutRecord() throws {
        var splitter = InputSplitter(kind: .records(8), itemsPerUnit: 2)
        splitter.append([UInt8](repeating: 1, count: 20))
        #expect(splitter.completeUnits == 1)
        let error = #expect(throws: TalkootError.self) { try splitter.finish() }
        #expect(error?.code == .badData)
    }

    @Test("An empty input has no units")
    func empty() throws {
        var splitter = InputSplitter(kind: .lines, itemsPerUnit: 3)
        splitter.append([])
        try splitter.finish()
        #expect(splitter.completeUnits == 0)
        #expect(splitter.bufferedBytes == 0)
    }

    @Test("What was taken is not kept: a long stream needs no more memory than what waits")
    func bounded() throws {
        var splitter = InputSplitter(kind: .lines, itemsPerUnit: 1)
        let piece = Array("0123456789\n".utf8)
        for _ in 0..<10_000 {
            splitter.append(piece)
            #expect(splitter.take(1).bytes == piece)
            #expect(splitter.bufferedBytes == 0)
        }
    }

    /// Feeds random pieces, takes random numbers of units, and returns the absolute ends.
    private func split(_ bytes: [UInt8], kind: InputKind, itemsPerUnit: Int, random: inout SeededRandom) throws -> [Int] {
        var splitter = InputSplitter(kind: kind, itemsPerUnit: UInt64(itemsPerUnit))
        var ends: [Int] = []
        var joined: [UInt8] = []
        func take(_ count: Int) {
            let taken = splitter.take(count)
            ends += taken.ends.map { $0 + joined.count }
            joined += taken.bytes
        }
        for piece in random.pieces(of: bytes, limit: 700) {
            splitter.append(piece)
            take(Int.random(in: 0...splitter.completeUnits, using: &random))
        }
        try splitter.finish()
        take(splitter.completeUnits)
        #expect(joined == bytes)
        return ends
    }
}
