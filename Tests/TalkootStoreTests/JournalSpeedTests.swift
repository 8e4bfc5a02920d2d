import Dispatch
import Foundation
import Synchronization
import TalkootCore
import Testing

@testable import TalkootStore

/// Figures for docs/specification.md, printed when `TALKOOT_MEASURE` is set: they mean something on an idle machine only.
@Suite("The journal's speed", .enabled(if: ProcessInfo.processInfo.environment["TALKOOT_MEASURE"] != nil, "TALKOOT_MEASURE is not set"))
struct JournalSpeedTests {
    private let rows: UInt64 = 100_000

    private func measure(_ name: String, rows: UInt64, _ body: (JobJournal) throws -> Void) throws {
        let journal = try Sample.journal(try Scratch(), units: rows * 64)
        let start = ContinuousClock.now
        try body(journal)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print("journal: \(name): \(Int(Double(rows) / seconds)) rows/s, \(rows) rows in \(seconds) s")
        let read = ContinuousClock.now
        let ranges = try journal.finishedRanges()
        print("journal: \(name): finishedRanges \((ContinuousClock.now - read) / .milliseconds(1)) ms, \(ranges.count) ranges")
    }

    @Test("Rows a second, one by one and in groups, and through the committer")
    func speed() throws {
        try measure("one a transaction", rows: 2000) { journal in
            for unit in 0..<2000 as Range<UInt64> { try journal.append([Sample.commit(unit..<unit + 1)]) }
        }
        for group in [10, 100, 256] as [UInt64] {
            try measure("\(group) a transaction", rows: rows) { journal in
                for start in stride(from: 0, to: rows, by: Int(group)) {
                    try journal.append((start..<min(start + group, rows)).map { Sample.commit($0..<$0 + 1) })
                }
            }
        }
        try measure("the committer, 1 unit a row", rows: rows) { try commit($0, unitsPerRow: 1) }
        try measure("the committer, 64 units a row", rows: rows) { try commit($0, unitsPerRow: 64) }
    }

    private func commit(_ journal: JobJournal, unitsPerRow: UInt64) throws {
        let commits = (0..<rows).map { Sample.commit($0 * unitsPerRow..<($0 + 1) * unitsPerRow) }
        let committer = GroupCommitter(journal: journal)
        let failures = Mutex(0)
        for commit in commits {
            if !committer.submit(commit, completion: { if case .failure = $0 { failures.withLock { $0 += 1 } } }) {
                committer.waitForRoom()
            }
        }
        committer.close()
        #expect(failures.withLock { $0 } == 0)
    }
}
