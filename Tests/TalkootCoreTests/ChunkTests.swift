import TalkootCore
import Testing

struct ChunkTests {
    @Test("A blob's size alone decides its chunks: 128 KiB to 1 MiB, about a thousand, and none for what is too large")
    func layout() throws {
        #expect(ChunkLayout(sizeBytes: 0) == nil)
        let small = try #require(ChunkLayout(sizeBytes: 1))
        #expect(small.count == 1 && small.range(of: 0) == 0..<1)
        let middle = try #require(ChunkLayout(sizeBytes: 200 << 20))
        #expect(middle.chunkBytes == 256 << 10 && middle.count == 800)
        let large = try #require(ChunkLayout(sizeBytes: 32_000 << 20))
        #expect(large.chunkBytes == 1 << 20 && large.count == 32_000)
        #expect(ChunkLayout(sizeBytes: 32_000 << 20 + 1) == nil)
        #expect(ChunkLayout(sizeBytes: .max) == nil)
    }

    @Test("Ranges find the chunks that they touch and those that they hold whole")
    func ranges() throws {
        let layout = try #require(ChunkLayout(sizeBytes: 1_000_000))
        let chunk = layout.chunkBytes
        #expect(layout.count == 8)
        #expect(layout.chunks(in: 0..<1) == 0..<1)
        #expect(layout.chunks(in: chunk - 1..<chunk + 1) == 0..<2)
        #expect(layout.wholeChunks(in: chunk - 1..<2 * chunk).elementsEqual(1..<2))
        #expect(layout.wholeChunks(in: chunk - 1..<chunk + 1).isEmpty)
        #expect(layout.wholeChunks(in: 6 * chunk..<1_000_000) == 6..<8)
        #expect(layout.chunk(at: chunk..<2 * chunk) == 1)
        #expect(layout.chunk(at: 7 * chunk..<1_000_000) == 7)
        #expect(layout.chunk(at: chunk..<2 * chunk - 1) == nil)
        #expect(layout.chunk(at: 1..<chunk + 1) == nil)
        #expect(layout.chunk(at: 8 * chunk..<9 * chunk) == nil)
    }

    @Test(
        "A set of chunks is what it was after a journey as bytes, and refuses other lengths and bits",
        arguments: [1, 7, 8, 63, 64, 65, 800])
    func sets(bound: Int) throws {
        var set = ChunkSet(bound: bound)
        for chunk in stride(from: 0, to: bound, by: 3) { set.insert(chunk) }
        #expect(set.members == Array(stride(from: 0, to: bound, by: 3)) && set.count == set.members.count)
        #expect(ChunkSet(bytes: set.bytes, bound: bound) == set)
        #expect(ChunkSet(bytes: set.bytes + [0], bound: bound) == nil)
        if bound % 8 != 0 { #expect(ChunkSet(bytes: Array(repeating: 0xFF, count: set.bytes.count), bound: bound) == nil) }
        #expect(ChunkSet.full(bound: bound).isFull && ChunkSet.full(bound: bound).members == Array(0..<bound))
        var rest = ChunkSet.full(bound: bound)
        rest.subtract(set)
        #expect(rest.count == bound - set.count)
        #expect(rest.first(from: 0) == (bound > 1 ? 1 : nil))
        #expect(set.first(from: bound - 1) == ((bound - 1) % 3 == 0 ? bound - 1 : 0))
    }
}
