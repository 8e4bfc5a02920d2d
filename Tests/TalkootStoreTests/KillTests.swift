import Dispatch
import Foundation
import TalkootCore
import Testing

@testable import TalkootStore

/// A process that commits and prints what was acknowledged is killed without warning.
@Suite("After kill -9") struct KillTests {
    @Test("Every acknowledged commit is there, and the journal goes on", arguments: [11, 12, 13] as [UInt64])
    func acknowledgedCommits(seed: UInt64) async throws {
        let scratch = try Scratch()
        let directory = scratch("job")
        do { _ = try JobJournal.create(directory: directory, job: Sample.job(units: 1_000_000)) }
        let acknowledged = scratch("acknowledged")
        for round in 0..<2 as Range<UInt64> {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [
                    directory = directory as String, acknowledged = acknowledged as String, seed = seed as UInt64, round = round as UInt64
                ] in
                try commitUntilKilled(directory, acknowledged, seed: seed, round: round)
            }
        }
        let journal = try JobJournal.open(directory: directory, access: .exclusive)
        var found: [UInt64: String] = [:]
        for commit in try journal.results(from: 0, limitBytes: .max) {
            for (unit, text) in zip(commit.units, commit.texts) { found[unit] = text }
        }
        let lines = try String(contentsOfFile: acknowledged, encoding: .utf8).split(separator: "\n")
        #expect(!lines.isEmpty, "seed \(seed)")
        for line in lines {
            let unit = try #require(UInt64(line))
            #expect(found[unit] == "\(unit)bob ", "seed \(seed), unit \(unit)")
        }
        #expect(try journal.append([Sample.commit(999_999..<1_000_000)]) == 1)
    }
}

/// Commits from four threads, writes down each unit that is acknowledged, and kills itself after a random number of commits, while
/// others are being written.
private func commitUntilKilled(_ directory: String, _ acknowledged: String, seed: UInt64, round: UInt64) throws {
    var generator = Seeded(state: seed << 8 | round)
    let last = UInt64.random(in: 100...3000, using: &generator)
    let descriptor = open(acknowledged, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    let committer = GroupCommitter(journal: try JobJournal.open(directory: directory, access: .exclusive))
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
        for index in 0..<UInt64.max {
            let unit = round * 400_000 + UInt64(thread) * 100_000 + index
            if thread == 0, index * 4 >= last { kill(getpid(), SIGKILL) }
            committer.waitForRoom()
            committer.submit(Sample.commit(unit..<unit + 1)) { result in
                guard case .success = result else { return }
                let line = Array("\(unit)\n".utf8)
                _ = write(descriptor, line, line.count)
            }
            if index % 10 == 9 { try? committer.commit(Sample.commit(unit..<unit + 1)) }
        }
    }
}
