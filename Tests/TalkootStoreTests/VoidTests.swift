import TalkootCore
import Testing

@testable import TalkootStore

@Suite("What is taken back")
struct VoidTests {
    let scratch: Scratch
    let journal: JobJournal

    init() throws {
        scratch = try Scratch()
        journal = try Sample.journal(scratch, units: 200)
    }

    @Test("Taking back results leaves exactly the others, and new ones take their place", arguments: 1...20 as ClosedRange<UInt64>)
    func model(seed: UInt64) throws {
        var random = Seeded(state: seed)
        var model: [UInt64: String] = [:]
        for step in 0..<60 {
            let start = UInt64.random(in: 0..<190, using: &random)
            let range = start..<start + UInt64.random(in: 1...(200 - start), using: &random)
            if Bool.random(using: &random) {
                try journal.apply([.commit(Sample.commit(range, by: "v\(step)"))])
                for unit in range where model[unit] == nil { model[unit] = "\(unit)v\(step) " }
            } else {
                try journal.apply([.void([range])])
                for unit in range { model[unit] = nil }
            }
        }
        var found: [UInt64: String] = [:]
        for commit in try journal.results(from: 0, limitUnits: 200) {
            for (unit, text) in zip(commit.units, commit.texts) { found[unit] = text }
        }
        #expect(found == model, "seed \(seed)")
    }

    @Test("Commits, what is taken back and convictions of one group happen in their order")
    func order() throws {
        try journal.update { record in
            record.verification = JobVerification(level: "audit", seed: [1], seedDigest: Digest(bytes: [UInt8](repeating: 1, count: 32))!)
        }
        let conviction = JobVerification.Conviction(
            volunteer: "lou", ground: "wrong", firstUnit: 2, lastUnit: 3, unitsVoided: 10, time: 5, isBan: false)
        let committer = GroupCommitter(journal: journal)
        committer.submit(Sample.commit(0..<10, by: "lou")) { _ in }
        committer.submit(.void([0..<10])) { _ in }
        committer.submit(.convict(conviction)) { _ in }
        committer.submit(Sample.commit(0..<10, by: "ann")) { _ in }
        committer.close()
        #expect(try journal.results(from: 0, limitUnits: 10).flatMap(\.texts).first == "0ann ")
        #expect(try journal.record().verification?.convictions == [conviction])
        #expect(try journal.contributions().map(\.volunteer) == ["ann"])
    }
}
