import Foundation
import NIOCore
import Testing

@testable import TalkootProtocol

struct JSONParserTests {
    private func parse(_ text: String) -> JSONValue? { try? JSONParser.parse(ByteBuffer(string: text)).get() }

    @Test("Values of every kind are read")
    func values() {
        #expect(parse(#" [null,true,false,-0.5e+3,"a"] "#) == .list([.null, .flag(true), .flag(false), .number("-0.5e+3"), .text("a")]))
        #expect(parse(#"{"a":{},"b":[]}"#) == .object(["a": .object([:]), "b": .list([])]))
        #expect(parse(#""\u00e9\ud83d\ude00\n\/""#) == .text("é😀\n/"))
    }

    @Test(
        "What the grammar does not allow is refused",
        arguments: [
            "01", "-", "1.", ".5", "1e", "+1", "tru", "nul", "{", "[1,]", "{\"a\":1,}", "{a:1}", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"",
            "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\n\"", "\"a", "[1 2]", "{\"a\" 1}", "NaN", "'a'", "/**/1", "\u{FEFF}1",
        ])
    func refused(text: String) { #expect(parse(text) == nil) }

    @Test("Text that is not UTF-8 is refused")
    func invalidUTF8() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3]] {
            let text = [0x22] + bytes + [0x22]
            #expect((try? JSONParser.parse(ByteBuffer(bytes: text)).get()) == nil)
            #expect((try? JSONParser.parse(ByteBuffer(bytes: [0x22, 0x5C, 0x6E] + bytes + [0x22])).get()) == nil)
        }
    }

    @Test("What is taken, Foundation takes too, with the same text")
    func agreesWithFoundation() throws {
        let seed: UInt64 = 7_117
        var random = SeededRandom(seed: seed)
        let line = Array(#"{"a":[1,-2.5e3,"x\u00e9\n\ud83d\ude00y",true,null],"b":{"c":"é😀"},"d":0}"#.utf8)
        var taken = 0
        for round in 0..<20_000 {
            let bytes = random.mutate(line)
            guard case .success(let value) = JSONParser.parse(ByteBuffer(bytes: bytes)) else { continue }
            taken += 1
            let other = try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
            guard let other else {
                Issue.record("seed \(seed), round \(round): only taken here: \(String(decoding: bytes, as: UTF8.self))")
                continue
            }
            if case .object(let object) = value, case .object(let nested)? = object["b"], case .text(let text)? = nested["c"] {
                #expect(((other as? [String: Any])?["b"] as? [String: Any])?["c"] as? String == text, "seed \(seed), round \(round)")
            }
        }
        #expect(taken > 1_000)
    }
}
