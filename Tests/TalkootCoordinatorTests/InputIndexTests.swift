import Foundation
import TalkootCore
import Testing

@testable import TalkootCoordinator

@Suite("InputIndex and InputFile")
struct InputIndexTests {
    @Test("The index of random lines counts them, starts entries at items, and stays within its limit", arguments: 0..<30 as Range<UInt64>)
    func index(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let text = random.text(lines: Int.random(in: 0..<600, using: &random))
        var builder = InputIndexBuilder(kind: .lines, entryLimit: 8, stride: UInt64.random(in: 1...200, using: &random))
        for piece in random.pieces(of: text, limit: 900) { piece.withUnsafeBytes { builder.append($0) } }
        let index = try builder.finish()
        let ends = naiveItemEnds(of: text, lines: true)
        let starts = [0] + ends
        #expect(index.items == UInt64(ends.count), "seed \(seed)")
        #expect(index.byteCount == UInt64(text.count))
        #expect(index.entries.count <= 8)
        for entry in index.entries { #expect(entry.offset == UInt64(starts[Int(entry.item)]), "seed \(seed)") }
        #expect(index.entries.map(\.offset) == index.entries.map(\.offset).sorted())
    }

    @Test("The bytes of any run of items are those of a naive split", arguments: 0..<20 as Range<UInt64>)
    func ranges(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let text = random.text(lines: Int.random(in: 1..<3_000, using: &random))
        try TemporaryDirectory.with { directory in
            let path = try directory.write(text, to: "input")
            let file = try InputFile(path: path, kind: .lines)
            let starts = [0] + naiveItemEnds(of: text, lines: true)
            for _ in 0..<50 {
                let first = Int.random(in: 0..<starts.count, using: &random)
                let last = Int.random(in: first..<starts.count, using: &random)
                let range = try file.byteRange(ofItems: UInt64(first)..<UInt64(last))
                #expect(range == UInt64(starts[first])..<UInt64(starts[last]), "seed \(seed) items \(first)..<\(last)")
            }
        }
    }

    @Test("A unit reader gives each unit its own bytes, in order and after a jump", arguments: 0..<10 as Range<UInt64>)
    func reader(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let text = random.text(lines: Int.random(in: 1..<500, using: &random))
        let itemsPerUnit = Int.random(in: 1...9, using: &random)
        let ends = unitEnds(of: naiveItemEnds(of: text, lines: true), itemsPerUnit: itemsPerUnit)
        try TemporaryDirectory.with { directory in
            let file = try InputFile(path: try directory.write(text, to: "input"), kind: .lines)
            let shape = JobShape(items: file.index.items, itemsPerUnit: UInt64(itemsPerUnit))
            #expect(shape.units == UInt64(ends.count))
            guard shape.units > 0 else { return }
            let first = UInt64.random(in: 0..<shape.units, using: &random)
            var reader = try UnitReader(file: file, shape: shape, units: first..<shape.units)
            for unit in (first..<shape.units).map({ $0 }) + [0] {
                let read = try reader.read(unit..<unit + 1)
                let start = unit == 0 ? 0 : ends[Int(unit) - 1]
                #expect(read.bytes == Array(text[start..<ends[Int(unit)]]), "seed \(seed) unit \(unit)")
                #expect(read.ends == [read.bytes.count])
            }
        }
    }

    @Test("A file that was changed after indexing is refused with the next step")
    func changed() throws {
        try TemporaryDirectory.with { directory in
            let path = try directory.write(Array("one\ntwo\n".utf8), to: "input")
            let file = try InputFile(path: path, kind: .lines)
            _ = try directory.write(Array("one\ntwo\nthree\n".utf8), to: "input")
            let error = #expect(throws: TalkootError.self) { try file.read(0..<4) }
            #expect(error?.code == .badData)
            #expect(error?.remedy.contains("resume") == true)
        }
    }

    @Test("Records must be a whole number; an empty input has no items; blocks may end short")
    func otherKinds() throws {
        try TemporaryDirectory.with { directory in
            let path = try directory.write([UInt8](repeating: 7, count: 25), to: "input")
            #expect(throws: TalkootError.self) { try InputFile(path: path, kind: .records(8)) }
            #expect(try InputFile(path: path, kind: .records(5)).index.items == 5)
            let blocks = try InputFile(path: path, kind: .bytes(8))
            #expect(blocks.index.items == 4)
            #expect(try blocks.byteRange(ofItems: 2..<4) == 16..<25)
            #expect(try InputFile(path: try directory.write([], to: "empty"), kind: .lines).index.items == 0)
        }
    }

    @Test("A missing input, a directory and a FIFO are each refused in words", .timeLimit(.minutes(1)))
    func refused() throws {
        try TemporaryDirectory.with { directory in
            let missing = #expect(throws: TalkootError.self) { try InputFile(path: directory.path + "/none", kind: .lines) }
            #expect(missing?.code == .notFound)
            let folder = #expect(throws: TalkootError.self) { try InputFile(path: directory.path, kind: .lines) }
            #expect(folder?.code == .badData)
            #expect(mkfifo(directory.path + "/fifo", 0o600) == 0)
            let fifo = #expect(throws: TalkootError.self) { try InputFile(path: directory.path + "/fifo", kind: .lines) }
            #expect(fifo?.code == .badData)
        }
    }
}
