import Foundation
import TalkootCore
import Testing

@testable import TalkootPackaging

/// Readers of strangers' bytes under random damage: they must answer, never trap, and never take long. `TALKOOT_FUZZ=N` makes N times
/// as many tries, `TALKOOT_FUZZ_SEED` repeats a run.
@Suite struct FuzzTests {
    private static let factor = ProcessInfo.processInfo.environment["TALKOOT_FUZZ"].flatMap { Int($0) } ?? 1

    private static func seeded(_ name: String) -> Seeded {
        let given = ProcessInfo.processInfo.environment["TALKOOT_FUZZ_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0 ... .max)
        print("\(name) seed \(seed)")
        return Seeded(state: seed)
    }

    private static let interesting: [UInt64] = [
        0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 40, 1 << 62, 1 << 63, .max - 7, .max,
    ]

    /// Fields of 1 to 8 bytes set to values at the edges, pieces copied, inserted and removed.
    private static func damage(_ bytes: inout [UInt8], places: ClosedRange<Int>, _ random: inout Seeded) {
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let place = min(Int.random(in: places, using: &random), bytes.count - 1)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 2:
                let from = Int.random(in: 0..<bytes.count, using: &random)
                let length = min(Int.random(in: 1...64, using: &random), bytes.count - max(from, place))
                if length > 0 { bytes.replaceSubrange(place..<place + length, with: Array(bytes[from..<from + length])) }
            case 3: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            default:
                let width = [1, 2, 4, 8].randomElement(using: &random) ?? 1
                let start = min(place / width * width, bytes.count - width)
                let value = interesting.randomElement(using: &random) ?? 0
                if start >= 0 { ElfPatch.put(value, width, at: start, in: &bytes) }
            }
        }
    }

    @Test("The ELF reader answers for every damaged library")
    func elf() throws {
        var random = Self.seeded("ELF")
        let original = try Trivial.good.get()
        // Headers, dynamic section and tables: what is read.
        let dynamic = ElfPatch.entries(original)
        let places = [0...63, 64...900, 0...original.count - 1, (dynamic.first ?? 0)...(dynamic.last ?? 0)]
        var admitted = 0
        for _ in 0..<4000 * Self.factor {
            var bytes = original
            Self.damage(&bytes, places: places.randomElement(using: &random) ?? 0...63, &random)
            let report = AdmissionReport.examine(bytes, platform: BrokenPackage.platform)
            #expect(report.isAdmitted || report.refusal.map { !$0.remedy.isEmpty } == true)
            admitted += report.isAdmitted ? 1 : 0
        }
        // Damage that no reader needs to see exists; if everything passed, nothing would be read.
        #expect(admitted < 4000 * Self.factor * 9 / 10)
    }

    @Test("The package reader answers for every damaged package, and takes none of them for another module")
    func packages() throws {
        var random = Self.seeded("package")
        let scratch = try Scratch()
        let path = try Trivial.package(scratch, manifest: try Trivial.manifest(), key: PublisherKey())
        let original = try bytes(of: path)
        let digest = try ModulePackage.read(path: path).digest
        for _ in 0..<250 * Self.factor {
            var changed = original
            Self.damage(&changed, places: Bool.random(using: &random) ? 0...2600 : 0...original.count - 1, &random)
            if Bool.random(using: &random) { Self.mendSums(&changed) }
            let file = try scratch.write("changed.talkoot", changed)
            if let package = try? ModulePackage.read(path: file) { #expect(package.digest == digest) }
        }
    }

    @Test("The manifest readers answer for every damaged text")
    func manifests() throws {
        var random = Self.seeded("manifest")
        let canonical = CanonicalManifest.bytes(of: try Trivial.manifest())
        let yaml = Array(Trivial.yaml.utf8)
        for _ in 0..<1500 * Self.factor {
            var json = canonical
            Self.damage(&json, places: 0...canonical.count - 1, &random)
            if let manifest = try? ManifestReader.json(json, file: "fuzzed") { #expect(CanonicalManifest.bytes(of: manifest) == json) }
            var text = yaml
            Self.damage(&text, places: 0...yaml.count - 1, &random)
            _ = try? ManifestReader.yaml(text, file: "fuzzed")
        }
    }

    /// Makes the checksums of the headers right again, so that damage gets past them.
    private static func mendSums(_ bytes: inout [UInt8]) {
        for start in stride(from: 0, to: min(bytes.count - 512, 4096), by: 512) {
            guard Array(bytes[start + 257..<start + 262]) == Array("ustar".utf8) else { continue }
            for index in 148..<156 { bytes[start + index] = 32 }
            let sum = bytes[start..<start + 512].reduce(0) { $0 + Int($1) }
            let digits = String(sum, radix: 8)
            let text = Array((String(repeating: "0", count: max(0, 6 - digits.count)) + digits).utf8.prefix(6)) + [0, 32]
            bytes.replaceSubrange(start + 148..<start + 156, with: text)
        }
    }
}
