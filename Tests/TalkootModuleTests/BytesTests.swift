import CTalkoot
import Testing

@testable import TalkootModule

/// What a module sees of bytes, on this side of the cell; that the same code is clean in Embedded Swift is shown by modules that are built.
@Suite struct ViewTests {
    private func view<Value>(_ bytes: [UInt8], _ body: (Bytes) throws -> Value) rethrows -> Value { try bytes.withUnsafeBytes(body) }

    @Test(
        "Lines come without their newlines, a last one without newline counts, empty ones too",
        arguments: [
            ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n\na\n", ["", "", "a"]), ("a\n\n", ["a", ""]),
        ] as [(String, [String])])
    func lines(_ text: String, _ expected: [String]) {
        #expect(view(Array(text.utf8)) { $0.lines.map { String(decoding: $0, as: UTF8.self) } } == expected)
    }

    @Test("Numbers are read with the lowest byte first, at any place, and not beyond the end")
    func values() throws {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
        #expect(try view(bytes) { try $0.value(UInt16.self, at: 1) } == 0x0302)
        #expect(try view(bytes) { try $0.value(UInt64.self, at: 1) } == 0x0908_0706_0504_0302)
        for offset in [2, 9, 10, -1, Int.max] {
            #expect(throws: Failure.self) { try view(bytes) { try $0.value(UInt64.self, at: offset) } }
        }
        let half = withUnsafeBytes(of: (0.5).bitPattern.littleEndian) { Array($0) }
        #expect(try view(half) { try $0.real() } == 0.5)
    }

    @Test("Parts and pieces never leave the bytes")
    func pieces() {
        let bytes = Array(UInt8(0)..<10)
        #expect(view(bytes) { Array($0.part(from: 4, length: 3)) } == [4, 5, 6])
        #expect(view(bytes) { Array($0.part(from: 8)) } == [8, 9])
        #expect(view(bytes) { $0.part(from: 10).count + $0.part(from: -1).count + $0.part(from: 3, length: 0).count } == 0)
        #expect(view(bytes) { $0.pieces(of: 4).map { Array($0) } } == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
        #expect(view([]) { $0.pieces(of: 4).count } == 0)
    }

    @Test("Numbers one after the other are a collection, and a torn one is refused")
    func numbers() throws {
        #expect(try view([1, 0, 2, 0, 255, 255]) { Array(try $0.numbers(of: Int16.self)) } == [1, 2, -1])
        #expect(throws: Failure.self) { try view([1, 0, 2]) { try $0.numbers(of: Int16.self) } }
    }

    /// Results as `merge` gets them.
    private func results<Value>(_ parts: [[UInt8]], _ body: (Results) throws -> Value) rethrows -> Value {
        let all = parts.flatMap { $0 }
        return try all.withUnsafeBytes { bytes in
            var place = 0
            let views = parts.map { part in
                defer { place += part.count }
                return talkoot_bytes(data: bytes.baseAddress.map { $0 + place }, size: part.count)
            }
            return try views.withUnsafeBufferPointer { try body(Results($0)) }
        }
    }

    @Test("Results of one number fold in order; one of another size is refused")
    func fold() throws {
        #expect(try results([[7], [2], [1]]) { try $0.fold(UInt8.self) { $0 &* 10 &+ $1 } } == 209)
        #expect(try results([]) { try $0.fold(UInt64.self) { $0 + $1 } } == 0)
        #expect(throws: Failure.self) { try results([[1], []]) { try $0.fold(UInt8.self) { $0 + $1 } } }
        #expect(throws: Failure.self) { try results([[1], [1, 2]]) { try $0.fold(UInt8.self) { $0 + $1 } } }
    }

    @Test("Results of several numbers fold place by place")
    func foldNumbers() throws {
        #expect(try results([[1, 2, 3], [10, 20, 30]]) { try $0.foldNumbers(UInt8.self) { $0 + $1 } } == [11, 22, 33])
        #expect(throws: Failure.self) { try results([[1, 2], [1]]) { try $0.foldNumbers(UInt8.self) { $0 + $1 } } }
    }

    @Test("Random numbers are SplitMix64's, and each item has a stream of its own")
    func random() {
        // The first values of the seed 1234567, from the generator's reference implementation by Sebastiano Vigna.
        var random = Random(seed: 1_234_567)
        let first = (0..<3).map { _ in random.next() }
        #expect(first == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
        var streams = (0..<100).map { Random(seed: 1, item: $0) }
        #expect(Set(streams.indices.map { streams[$0].next() }).count == 100)
        #expect((0..<1000).allSatisfy { _ in (0..<1).contains(random.unit()) })
    }
}
