import Foundation
import TalkootCore
import TalkootPackaging
import TalkootTesting
import Testing

/// Lists of digests, and files that fill chunk by chunk.
final class BlobTests {
    let directory = FileManager.default.temporaryDirectory.appending(path: "talkoot-blob-\(UUID())").path
    let layout: ChunkLayout
    let content: [UInt8]
    let list: ChunkList

    init() throws {
        var random = SeededRandom(seed: 7)
        let content = (0..<600_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        layout = try #require(ChunkLayout(sizeBytes: 600_000))
        list = try ChunkList(layout) { range throws(TalkootError) in Array(content[Int(range.lowerBound)..<Int(range.upperBound)]) }
        self.content = content
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func chunk(_ number: Int) -> [UInt8] {
        let range = layout.range(of: number)
        return Array(content[Int(range.lowerBound)..<Int(range.upperBound)])
    }

    @Test("A list has one name: nothing else is taken for it, and no other byte for a chunk's")
    func names() throws {
        #expect(ChunkList(list.bytes, name: list.name, layout: layout) == list)
        for position in [0, 16, 23, 24, list.bytes.count - 1] {
            var forged = list.bytes
            forged[position] ^= 1
            #expect(ChunkList(forged, name: list.name, layout: layout) == nil)
            // Named by what it is, it is still no list of this blob unless only digests differ.
            let isList = ChunkList(forged, name: Hashing.sha256(forged), layout: layout) != nil
            #expect(isList == (position >= 24))
        }
        let other = try #require(ChunkLayout(sizeBytes: 600_001))
        #expect(ChunkList(list.bytes, name: list.name, layout: other) == nil)
        #expect(list.verifies(chunk(1), of: 1) && !list.verifies(chunk(1), of: 2) && !list.verifies(Array(chunk(1).dropLast()), of: 1))
    }

    @Test("Chunks are kept in any order, wrong ones refused, and the file gets its name with the last one")
    func filling() throws {
        let blob = try PartialBlob(list, directory: directory)
        for number in [3, 0, 4, 1] { #expect(try blob.keep(chunk(number), as: number)) }
        #expect(try !blob.keep(chunk(1), as: 2))
        #expect(blob.held.members == [0, 1, 3, 4])
        #expect(FileManager.default.fileExists(atPath: "\(directory)/\(list.name).part"))
        #expect(try blob.keep(chunk(2), as: 2))
        #expect(try Data(contentsOf: URL(filePath: "\(directory)/\(list.name).blob")) == Data(content))
        #expect(try blob.read(100_000..<400_000) == Array(content[100_000..<400_000]))
    }

    @Test("What is opened again is hashed again: a damaged chunk and a map that lies cost those chunks only")
    func reopening() throws {
        var blob = try PartialBlob(list, directory: directory)
        for number in 0..<4 { _ = try blob.keep(chunk(number), as: number) }
        let file = try FileHandle(forUpdating: URL(filePath: "\(directory)/\(list.name).part"))
        try file.seek(toOffset: layout.range(of: 2).lowerBound)
        try file.write(contentsOf: Data([chunk(2)[0] ^ 1]))
        try file.close()
        // The map claims a chunk that never came, too.
        try Data([0b1_1111]).write(to: URL(filePath: "\(directory)/\(list.name).map"))
        blob = try PartialBlob(try #require(PartialBlob.list(name: list.name, layout: layout, directory: directory)), directory: directory)
        #expect(blob.held.members == [0, 1, 3])
        for number in [2, 4] { _ = try blob.keep(chunk(number), as: number) }
        #expect(blob.held.isFull)
        #expect(try blob.read(0..<600_000) == content)
    }

    @Test("Room is made by removing what no job uses, never what one does")
    func room() throws {
        let place = BlobDirectory(path: directory, limitBytes: 1_000_000)
        _ = try PartialBlob(list, directory: directory).keep(chunk(0), as: 0)
        let other = Hashing.sha256([1])
        #expect(!place.makeRoom(for: other, sizeBytes: 900_000, besides: [list.name: 600_000]))
        #expect(PartialBlob.list(name: list.name, layout: layout, directory: directory) != nil)
        #expect(!place.makeRoom(for: other, sizeBytes: 1_000_001, besides: [:]))
        #expect(place.makeRoom(for: other, sizeBytes: 900_000, besides: [:]))
        #expect(PartialBlob.list(name: list.name, layout: layout, directory: directory) == nil)
    }
}
