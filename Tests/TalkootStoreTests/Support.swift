import Foundation
import TalkootCore

@testable import TalkootStore

/// A directory of a test's own, removed with it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/talkoot-store-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

/// Randomness that can be repeated: SplitMix64.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

enum Sample {
    static func job(units: UInt64, itemsPerUnit: UInt64 = 1) -> JobRecord {
        JobRecord(
            id: JobID(rawValue: 0x1234), created: 1_700_000_000, requester: "ann",
            module: JobRecord.Module(
                digest: Digest(bytes: [UInt8](repeating: 7, count: 32))!, name: "primes", version: SemanticVersion("1.0.0")!),
            parameters: ["limit": .integer(100), "ratio": .real(1)],
            shape: JobShape(items: units * itemsPerUnit, itemsPerUnit: itemsPerUnit),
            seed: .max, inputPath: "/in", inputBytes: 12, outputPath: "/out", mode: .local(slots: 2))
    }

    static func journal(_ scratch: Scratch, units: UInt64 = 1000) throws -> JobJournal {
        try JobJournal.create(directory: scratch("job"), job: job(units: units))
    }

    /// A commit whose unit `u` has the result "uVOLUNTEER ".
    static func commit(_ units: Range<UInt64>, by volunteer: String = "bob") -> JournalCommit {
        var (ends, bytes): ([Int], [UInt8]) = ([], [])
        for unit in units {
            bytes += Array("\(unit)\(volunteer) ".utf8)
            ends.append(bytes.count)
        }
        return JournalCommit(
            units: units, resultEnds: ends, bytes: bytes, volunteer: volunteer, processorMicroseconds: 10 * UInt64(units.count))
    }

    static func failure(_ unit: UInt64, _ outcome: UnitOutcome = .failed(message: "no")) -> JournalCommit {
        JournalCommit(units: unit..<unit + 1, resultEnds: [], bytes: [], failure: outcome, volunteer: "bob")
    }
}

extension JournalCommit {
    /// The result of each unit, as text.
    var texts: [String] {
        zip([0] + resultEnds.dropLast(), resultEnds).map { String(decoding: bytes[$0..<$1], as: UTF8.self) }
    }
}

/// What `body` throws.
func error<Value>(of body: () throws(TalkootError) -> Value) -> TalkootError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error
    }
}
