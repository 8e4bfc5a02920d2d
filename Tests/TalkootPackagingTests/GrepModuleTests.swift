import Foundation
import TalkootCore
import Testing

@testable import TalkootPackaging

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// A random pattern over few letters, so that it matches some lines and not others.
private func pattern(depth: Int, using random: inout Seeded) -> String {
    let atom =
        switch Int.random(in: 0...(depth > 0 ? 9 : 6), using: &random) {
        case 0...2: String("abc".randomElement(using: &random)!)
        case 3: "."
        case 4: ["[ab]", "[^a]", "[b-d]", "[^[:alpha:]]"].randomElement(using: &random)!
        case 5: ["ab", "bca", "aa"].randomElement(using: &random)!
        case 6: ["^", "$", "\\."].randomElement(using: &random)!
        case 7: "(" + pattern(depth: depth - 1, using: &random) + ")"
        case 8: "(" + pattern(depth: depth - 1, using: &random) + "|" + pattern(depth: depth - 1, using: &random) + ")"
        default: pattern(depth: depth - 1, using: &random)
        }
    let isAnchor = atom == "^" || atom == "$"
    let repeats = isAnchor ? "" : ["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}"].randomElement(using: &random)!
    return atom + repeats + (Bool.random(using: &random) && depth > 0 ? pattern(depth: depth - 1, using: &random) : "")
}

@Test("Random patterns match the lines that grep -E says, whatever the size of units")
func randomPatterns() throws {
    let module = try SampleModule.grep.get()
    let scratch = try Scratch()
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = Seeded(state: seed)
    var lines = ""
    for _ in 0..<300 {
        lines +=
            (0..<Int.random(in: 0...9, using: &random)).map { _ in String("aaabbbccd. A".randomElement(using: &random)!) }.joined() + "\n"
    }
    let input = try scratch.write("text", String(lines.dropLast()))
    for _ in 0..<60 {
        let pattern = pattern(depth: 4, using: &random)
        let known = text(try shell("LC_ALL=C grep -E -e '\(pattern)' \(input); true"))
        let given: [String: ParameterValue] = ["pattern": .text(pattern), "print": .flag(true)]
        let size = UInt64.random(in: 1...400, using: &random)
        #expect(text(try module.run(given, itemsPerUnit: size, input: input)) == known, "\(pattern) in units of \(size)")
        let library = module.runnable.last
        #expect(text(try module.run(given, itemsPerUnit: 1000, input: input, library: library)) == known, "\(pattern) at the best level")
    }
}

@Test(
    "A pattern that is none fails the unit and says why",
    arguments: [
        ("(a", "a ( has no )"), ("[a", "a [ has no ]"), ("a{2", "a { has no }"), ("*a", "nothing to repeat"),
        ("a{3,2}", "fewer than the least"),
        ("\\1", "escapes"), ("[[:word:]]", "no such class"), ("(((a{200}){200}){200})", "too large"), ("a\\", "ends with a backslash"),
    ])
func faultyPatterns(_ pattern: String, _ reason: String) throws {
    let scratch = try Scratch()
    let input = try scratch.write("text", "abc\n")
    let module = try SampleModule.grep.get()
    let words = error { try module.run(["pattern": .text(pattern)], itemsPerUnit: 1, input: input, errors: scratch("errors")) }
    #expect(words != nil)
    #expect(text(try bytes(of: scratch("errors"))).contains(reason))
}

@Test("More states than are kept are found anew, with the same outcome")
func manyStates() throws {
    let module = try SampleModule.grep.get()
    let scratch = try Scratch()
    var random = Seeded(state: 7)
    let line = (0..<200_000).map { _ in Bool.random(using: &random) ? "a" : "b" }.joined()
    // Whether an `a` stands twelve places before a `c`: an automaton needs 4,096 states for it.
    let input = try scratch.write("text", line + "c\n" + line.dropLast(13) + "abbbbbbbbbbbbc\n" + line.dropLast(14) + "bbbbbbbbbbbbbbc\n")
    let known = text(try shell("LC_ALL=C grep -cE 'a[ab]{12}c' \(input); true"))
    #expect(text(try module.run(["pattern": .text("a[ab]{12}c")], itemsPerUnit: 10, input: input)) == known)
}
