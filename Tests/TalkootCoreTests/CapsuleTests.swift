import TalkootCore
import Testing

@Suite("Capsules")
struct CapsuleTests {
    /// A capsule with something in every field.
    private static func sample(verdict: UnitOutcome = .failed(message: "no\nwater: 100%")) throws -> Capsule {
        Capsule(
            job: JobID(rawValue: 7), module: try #require(Digest(String(repeating: "ab", count: 32))), name: "primes",
            moduleVersion: try #require(SemanticVersion("1.2.0-beta.1")),
            parameters: [
                "limit": .integer(-5), "scale": .real(0.1), "fast": .flag(true), "title": .text("a\u{1b}[2J % \u{e4}\nb"),
                "empty": .text(""),
            ], shape: JobShape(items: 1005, itemsPerUnit: 10), unit: 100, seed: .max, attempt: 3,
            limits: CellLimits(memoryBytes: 32 << 20, unitWallSeconds: 0.25, threads: 2), verdict: verdict, program: "talkoot/0.1.0",
            platform: "x86_64-linux-gnu", level: .full, layers: ["namespaces", "system call filter"], written: 1_790_000_000,
            checkpoint: [1, 2, 3], input: .bytes(Array("a line\n\n\u{0}".utf8)), log: Array("warning: dry\n".utf8))
    }

    private static let verdicts: [UnitOutcome] = [
        .done, .failed(message: ""), .failed(message: "no\r\nwater %0A"), .crashed(signal: 11, place: ""),
        .crashed(signal: 6, place: "home::connect (module.so+0x1139)"), .forbidden(call: "socket", number: 41),
        .forbidden(call: "number 9999", number: 9999, place: "run (module.so+0x10)"), .deadline(seconds: 0.1), .memory(limitBytes: .max),
        .output(limitBytes: 0), .violated(rule: "each call has one answer, with its number"), .exited(status: -1),
    ]

    @Test("What is written is read again, whatever the verdict", arguments: verdicts)
    func roundTrip(verdict: UnitOutcome) throws {
        let capsule = try Self.sample(verdict: verdict)
        #expect(try Capsule(bytes: capsule.bytes) == capsule)
        #expect(verdict.isSame(as: verdict))
    }

    @Test("The header is lines of printable text, so that it can be read with `head`")
    func header() throws {
        let bytes = try Self.sample().bytes
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("talkoot-capsule 1\njob 0000000000000007\n"))
        #expect(text.contains("\nparameter title text a%1B[2J %25 \u{e4}%0Ab\n"))
        #expect(text.contains("\nverdict failed no%0Awater: 100%25\n"))
    }

    @Test("An input that is too large is left out, and its size remembered")
    func omitted() throws {
        var capsule = try Self.sample()
        capsule.input = Capsule.kept(Array(repeating: 0, count: Capsule.inputLimitBytes + 1)[...])
        #expect(capsule.input == .omitted(byteCount: UInt64(Capsule.inputLimitBytes) + 1))
        #expect(try Capsule(bytes: capsule.bytes) == capsule)
        capsule.input = .none
        #expect(try Capsule(bytes: capsule.bytes) == capsule)
    }

    @Test(
        "What is no capsule is refused with the reason",
        arguments: [
            ("", "does not begin"), ("talkoot-capsule 1\n", "no end"), ("talkoot-capsule 2\njob 1\n\n", "version 2"),
            ("talkoot-capsule 1\njob\n\n", "no value"), ("talkoot-capsule 1\njob 1\njob 1\n\n", "twice"),
            ("talkoot-capsule 1\njob 1\n\n", "has no items"),
        ])
    func refused(text: String, words: String) throws {
        let error = #expect(throws: TalkootError.self) { try Capsule(bytes: Array(text.utf8)) }
        #expect(error?.code == .badData)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test(
        "A line that asks for what no cell gives is refused",
        arguments: [
            ("items-per-unit 10", "items-per-unit 0"), ("unit 100", "unit 101"), ("memory 33554432", "memory 1"),
            ("memory 33554432", "memory 18446744073709551615"), ("threads 2", "threads 0"), ("wall-seconds 0.25", "wall-seconds nan"),
            ("wall-seconds 0.25", "wall-seconds -1.0"), ("level 4", "level 3"), ("input 9", "input 10"), ("log 13", "log 12"),
            ("checkpoint 3", "checkpoint -3"), ("parameter scale real 0.1", "parameter scale real nan"),
            ("parameter scale", "parameter Scale"),
            ("parameter scale real 0.1", "parameter limit integer 1"), ("seed ", "sead "), ("written ", "extra 1\nwritten "),
            ("name primes", "name ../primes"), ("verdict failed", "verdict tired"),
        ])
    func outOfRange(good: String, bad: String) throws {
        let text = String(decoding: try Self.sample().bytes, as: UTF8.self)
        let place = try #require(text.firstRange(of: "\n" + good))
        let changed = text[..<place.lowerBound] + "\n" + bad + text[place.upperBound...]
        let error = #expect(throws: TalkootError.self) { try Capsule(bytes: Array(changed.utf8)) }
        #expect(error?.code == .badData)
    }

    @Test("A mangled capsule is refused, or means what it says; reading it never fails otherwise")
    func mangled() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = Xorshift(state: seed | 1)
        let good = try Self.sample().bytes
        let words = ["\n", " ", "%", "%0", "-1", "99999999999999999999", "\nparameter x text ", "\n\n", "\u{0}", "omitted 5", "e308"]
        for _ in 0..<4000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.removeLast(bytes.count - place)
                case 3: bytes.insert(contentsOf: bytes[place...].prefix(Int.random(in: 0..<40, using: &random)), at: place)
                default: bytes.insert(contentsOf: Array((words.randomElement(using: &random) ?? "").utf8), at: place)
                }
            }
            do {
                let capsule = try Capsule(bytes: bytes)
                #expect(try Capsule(bytes: capsule.bytes) == capsule, "seed \(seed)")
                #expect(capsule.unit < capsule.shape.units, "seed \(seed)")
            } catch {
                #expect(error.code == .badData, "seed \(seed): \(error)")
            }
        }
    }

    @Test("A verdict is the same when the unit ends in the same way, wherever it crashes")
    func sameness() {
        let crash = UnitOutcome.crashed(signal: 11, place: "a (module.so+0x1)")
        #expect(crash.isSame(as: .crashed(signal: 11, place: "")))
        #expect(!crash.isSame(as: .crashed(signal: 6, place: "a (module.so+0x1)")))
        #expect(!UnitOutcome.failed(message: "a").isSame(as: .failed(message: "b")))
        #expect(!UnitOutcome.forbidden(call: "socket", number: 41).isSame(as: .forbidden(call: "open", number: 2)))
        #expect(UnitOutcome.deadline(seconds: 1).isSame(as: .deadline(seconds: 2)))
        #expect(!UnitOutcome.done.isSame(as: .exited(status: 0)))
    }
}

/// Numbers that a printed seed brings back.
private struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
