import TalkootCore
import Testing

@testable import TalkootPackaging

private let full = """
    name: primes
    version: 1.2.0
    summary: Counts the primes below a limit.
    license: Apache-2.0
    parameters:
      limit: {type: integer, default: 1e6, minimum: 2, help: Count primes below this.}
      ratio: {type: real, default: 0.5, maximum: 1}
      loud: {type: flag, default: false}
      style: {type: text, default: plain, choices: [plain, "two words"]}
    input: records(4 KiB)
    output: {name: primes.txt, media-type: text/plain}
    resources: {memory: 64 MiB, threads: 2}
    determinism: tolerance
    samples:
      - {parameters: {limit: 1000}, input: "a\\tb", output: "168\\n"}

    """

private let canonical =
    #"{"determinism":"tolerance","input":"records(4096)","license":"Apache-2.0","name":"primes","#
    + #""output":{"media-type":"text/plain","name":"primes.txt"},"parameters":{"#
    + #""limit":{"default":1000000,"help":"Count primes below this.","minimum":2,"type":"integer"},"#
    + #""loud":{"default":false,"type":"flag"},"ratio":{"default":0.5,"maximum":1.0,"type":"real"},"#
    + #""style":{"choices":["plain","two words"],"default":"plain","type":"text"}},"#
    + #""resources":{"memory":67108864,"threads":2},"#
    + #""samples":[{"input":"a\tb","output":"168\n","parameters":{"limit":1000}}],"#
    + #""summary":"Counts the primes below a limit.","version":"1.2.0"}"#

private func read(_ text: String) throws -> Manifest { try ManifestReader.yaml(Array(text.utf8), file: "module.yaml") }

@Test("A manifest holds what its YAML says")
func reading() throws {
    let manifest = try read(full)
    #expect(manifest.name == "primes")
    #expect(manifest.version == SemanticVersion("1.2.0"))
    #expect(manifest.parameters.map(\.name) == ["limit", "loud", "ratio", "style"])
    #expect(manifest.parameters[0].defaultValue == .integer(1_000_000))
    #expect(manifest.parameters[3].choices == ["plain", "two words"])
    #expect(manifest.input == .records(4096))
    #expect(manifest.resources == Manifest.Resources(memoryBytes: 64 << 20, threads: 2))
    #expect(manifest.determinism == .tolerance)
    #expect(manifest.samples == [Manifest.Sample(parameters: ["limit": .integer(1000)], input: "a\tb", output: "168\n")])
}

@Test("The canonical form of a manifest is these bytes, for ever")
func golden() throws {
    let bytes = CanonicalManifest.bytes(of: try read(full))
    #expect(String(decoding: bytes, as: UTF8.self) == canonical)
    #expect(Hashing.sha256(bytes).description == "ff99e51f320b6791c24c8cd37a87c443a31e95687725325cf7608a5744b27e56")
}

@Test("Isolation is a unit's own process or, as it was before there was a choice, nothing in the canonical form")
func isolation() throws {
    let apart = try read(full.replacing("determinism: tolerance", with: "determinism: tolerance\nisolation: unit"))
    #expect(apart.isolation == .unit)
    let bytes = CanonicalManifest.bytes(of: apart)
    #expect(String(decoding: bytes, as: UTF8.self) == canonical.replacing("\"license\"", with: "\"isolation\":\"unit\",\"license\""))
    #expect(try ManifestReader.json(bytes, file: "manifest.json") == apart)
    let together = try read(full.replacing("determinism: tolerance", with: "determinism: tolerance\nisolation: job"))
    #expect(CanonicalManifest.bytes(of: together) == Array(canonical.utf8))
}

@Test("The canonical form reads back as the same manifest")
func roundTrip() throws {
    #expect(try ManifestReader.json(Array(canonical.utf8), file: "manifest.json") == read(full))
}

@Test(
    "JSON in any other form than the canonical one is refused",
    arguments: [
        canonical + "\n", " " + canonical, canonical.replacing("\"name\":\"primes\"", with: "\"name\": \"primes\""),
        canonical.replacing("0.5", with: "5e-1"), canonical.replacing("1000000", with: "1000000.0"),
        canonical.replacing("primes.txt", with: #"primes\u002etxt"#), canonical.replacing("\"threads\":2", with: "\"threads\":\"2\""),
        canonical.replacing("\"name\":\"primes\",", with: "").replacing("{\"determinism", with: "{\"name\":\"primes\",\"determinism"),
    ])
func otherForms(_ text: String) {
    #expect(error { try ManifestReader.json(Array(text.utf8), file: "manifest.json") }?.code == .badData)
}

@Test(
    "JSON that is none is refused with a reason",
    arguments: [
        ("", "a value expected"), ("{", "`\"` expected"), ("{\"a\":1,\"a\":2}", "twice"), ("{\"a\":\"\u{1}\"}", "control character"),
        ("{\"a\":\"\\ud800\"}", "surrogate"), ("{\"a\":\"\\ud800\\u0041\"}", "surrogate"), ("{\"a\":nul}", "no value"),
        ("{\"a\":1}x", "after the end"),
        (String(repeating: "[", count: 100), "nested deeper"), ("[" + String(repeating: "1,", count: 20_000) + "1]", "more than"),
        ("{\"a\":\"\\x\"}", "escape"), ("{\"a\":\"", "without an end"), ("{\"a\":\"\\u00g0\"}", "hexadecimal"),
    ] as [(String, String)])
func brokenJSON(_ text: String, _ reason: String) throws {
    let found = try #require(error { try ManifestReader.json(Array(text.utf8), file: "manifest.json") })
    #expect(found.message.contains(reason), "\(found)")
}

@Test("Text that is not UTF-8 is refused")
func notText() {
    #expect(error { try ManifestReader.json([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], file: "m") }?.code == .badData)
    #expect(error { try ManifestReader.yaml([0x6E, 0xFF], file: "m") }?.code == .badData)
}

@Test(
    "A faulty field is refused with its file, line and name, what it holds and what is allowed",
    arguments: [
        ("name: primes", "name: Primes", "line 1: name is `Primes`", "[a-z][a-z0-9-]{1,62}"),
        ("version: 1.2.0", "version: 1.2", "line 2: version is `1.2`", "semantic version"),
        ("version: 1.2.0\n", "", "version is missing", "semantic version"),
        ("summary: Counts the primes below a limit.", "summary:", "line 1: summary is missing", "one line"),
        ("summary: C", "summary: [C", "module.yaml line", ""),
        ("license: Apache-2.0", "license: {a: b}", "line 4: license is a map", "one line"),
        ("license:", "licence:", "unknown field licence", "license"),
        ("type: integer", "type: number", "parameters.limit.type is `number`", "integer, real, flag, text"),
        ("default: 1e6", "default: 1.5", "parameters.limit.default", "a whole number"),
        ("default: 1e6", "default: 1", "out of range", "at least 2"),
        ("minimum: 2", "minimum: 2, maximum: 1", "parameters.limit.minimum is above", "at most the maximum"),
        ("minimum: 2", "least: 2", "unknown field parameters.limit.least", "minimum"),
        ("limit: {", "Limit: {", "names a parameter `Limit`", "[a-z][a-z0-9-]{0,62}"),
        ("default: false", "default: perhaps", "parameters.loud.default", "true or false"),
        ("default: false", "default: false, minimum: 1", "parameters.loud.minimum is given for a flag", "only with integer and real"),
        ("choices: [plain, \"two words\"]", "choices: []", "parameters.style.choices is empty", "at least one"),
        ("default: plain", "default: ornate", "parameters.style", "plain, two words"),
        ("records(4 KiB)", "records(0)", "line 10: input is `records(0)`", "none, lines, records(SIZE) or bytes(BLOCK)"),
        ("name: primes.txt", "name: ../primes.txt", "output.name is `../primes.txt`", "without a directory"),
        ("name: primes.txt", "name: .profile", "output.name", "file name"),
        ("media-type: text/plain", "media-type: text", "output.media-type is `text`", "text/plain"),
        ("memory: 64 MiB", "memory: 64 mb", "resources.memory is `64 mb`", "64 MiB"),
        ("memory: 64 MiB", "memory: 1 MiB", "resources.memory is `1 MiB`", "8 MiB"),
        ("threads: 2", "threads: 0", "resources.threads is `0`", "1 to 256"),
        ("determinism: tolerance", "determinism: mostly", "determinism is `mostly`", "exact, tolerance or none"),
        ("determinism: tolerance", "isolation: host", "isolation is `host`", "job or unit"),
        ("parameters: {limit: 1000}", "parameters: {limit: 1}", "samples[0].parameters", "at least 2"),
        ("parameters: {limit: 1000}", "parameters: {speed: 1}", "samples[0].parameters.speed", "values of limit"),
        (", output: \"168\\n\"", "", "samples[0].output is missing", "output or output-sha256"),
        ("input: \"a\\tb\", ", "", "samples[0].input is missing", "exactly when the module reads one"),
        ("samples:\n", "libraries: []\nsamples:\n", "unknown field libraries", "samples"),
        ("name: primes\n", "name: primes\nname: other\n", "twice", ""),
        ("threads: 2", "threads: &x [*x]", "", ""),
    ] as [(String, String, String, String)])
func faults(_ good: String, _ bad: String, _ problem: String, _ allowed: String) throws {
    let text = full.replacing(good, with: bad, maxReplacements: 1)
    #expect(text != full)
    let found = try #require(error { try read(text) })
    #expect(found.code == .badData)
    #expect(found.message.hasPrefix("module.yaml"), "\(found)")
    #expect(found.message.contains(problem), "\(found)")
    #expect(found.remedy.contains(allowed), "\(found)")
}

/// Anchors of which each stands for the one before, `width` times.
private func anchors(_ count: Int, width: Int) -> String {
    (1..<count).reduce(into: "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n") { text, level in
        text += "a\(level): &a\(level) [\([String](repeating: "*a\(level - 1)", count: width).joined(separator: ","))]\n"
    }
}

@Test(
    "Aliases that multiply are refused before they fill the memory or the time",
    arguments: [
        (anchors(8, width: 3), "more than 10000 values"), (anchors(7, width: 10), "more than 24 aliases"),
        (anchors(40, width: 2) + "? *a39\n: 1\n? *a38\n: 2\n", "more than 24 aliases"),
    ])
func aliases(text: String, problem: String) { #expect(error { try read(text) }?.message.contains(problem) == true) }

@Test("What nests deeply is refused", arguments: ["[", "{a: ", "? ", "- "])
func nesting(opening: String) {
    #expect(error { try read(String(repeating: opening, count: 200_000 / opening.utf8.count)) }?.code == .badData)
}

@Test("No mutation of a manifest crashes its reader, and what it accepts has the bytes it read")
func mutations() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = Seeded(state: seed)
    for round in 0..<1500 {
        var bytes = Array(canonical.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            default: bytes.insert(UInt8.random(in: 32...126, using: &random), at: place)
            }
        }
        if let manifest = try? ManifestReader.json(bytes, file: "m") { #expect(CanonicalManifest.bytes(of: manifest) == bytes) }
        if round % 10 == 0 { _ = try? ManifestReader.yaml(bytes, file: "m") }
    }
}
