import Dispatch
import GRDB
import Synchronization
import TalkootCore
import Testing

@testable import TalkootStore

@Suite("The group committer")
struct GroupCommitterTests {
    let scratch: Scratch
    let journal: JobJournal

    init() throws {
        scratch = try Scratch()
        journal = try Sample.journal(scratch, units: 100_000)
    }

    /// Counts answers and waits for them.
    final class Answers: Sendable {
        private let results = Mutex<[Result<Void, TalkootError>]>([])
        private let group = DispatchGroup()

        func next() -> GroupCommitter.Completion {
            group.enter()
            return { result in
                self.results.withLock { $0.append(result) }
                self.group.leave()
            }
        }

        func all() -> [Result<Void, TalkootError>] {
            group.wait()
            return results.withLock { $0 }
        }

        var errors: [TalkootError] {
            all().compactMap { if case .failure(let error) = $0 { error } else { nil } }
        }
    }

    @Test("A commit is durable when its completion is called")
    func completion() throws {
        let committer = GroupCommitter(journal: journal)
        try committer.commit(Sample.commit(0..<5))
        #expect(try journal.finishedRanges() == [0..<5])
        committer.close()
    }

    @Test("All that is queued is written before close returns")
    func closeDrains() throws {
        let committer = GroupCommitter(journal: journal)
        let answers = Answers()
        for index in 0..<3000 as Range<UInt64> { committer.submit(Sample.commit(index..<index + 1), completion: answers.next()) }
        committer.close()
        #expect(answers.errors.isEmpty && committer.pending == 0)
        #expect(try journal.finishedRanges() == [0..<3000])
        committer.submit(Sample.commit(5000..<5001), completion: answers.next())
        #expect(answers.errors.count == 1)
    }

    @Test("Many threads that wait for each commit all get theirs")
    func manyThreads() throws {
        let committer = GroupCommitter(journal: journal)
        let failures = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for index in 0..<50 {
                let unit = UInt64(thread * 50 + index)
                do { try committer.commit(Sample.commit(unit..<unit + 1)) } catch { failures.withLock { $0 += 1 } }
            }
        }
        #expect(failures.withLock { $0 } == 0)
        #expect(try journal.finishedRanges() == [0..<400])
        #expect(try journal.progress().commits == 400)
    }

    @Test("A commit that is not sound fails alone")
    func unsound() throws {
        let committer = GroupCommitter(journal: journal)
        let bad = JournalCommit(units: 0..<2, resultEnds: [1], bytes: [1], volunteer: "x")
        #expect(error { () throws(TalkootError) in try committer.commit(bad) }?.code == .badData)
        try committer.commit(Sample.commit(0..<2))
    }

    @Test("The first error reaches everybody who waits and everybody after")
    func poison() throws {
        try journal.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 20") }
        let committer = GroupCommitter(journal: journal)
        let answers = Answers()
        committer.submit(Sample.commit(0..<50_000), completion: answers.next())
        for index in 60_000..<60_100 as Range<UInt64> { committer.submit(Sample.commit(index..<index + 1), completion: answers.next()) }
        #expect(answers.errors.count == 101)
        #expect(error { () throws(TalkootError) in try committer.commit(Sample.commit(90_000..<90_001)) }?.code == .inputOutput)
        #expect(try journal.finishedRanges().isEmpty)
    }

    @Test("A queue that is full says so, wakes those who wait, and refuses those who do not heed")
    func backPressure() throws {
        var limits = GroupCommitter.Limits()
        limits.queueCommits = 4
        let gate = DispatchSemaphore(value: 0)
        let again = DispatchSemaphore(value: 0)
        let written = Mutex(0)
        let core = CommitCore(limits: limits, roomAgain: { again.signal() }) { commits throws(TalkootError) in
            gate.wait()
            written.withLock { $0 += commits.count }
        }
        let thread = DispatchQueue(label: "writer")
        thread.async { core.write() }
        let answers = Answers()
        let room = (0..<16).map { _ in core.submit(.commit(Sample.commit(0..<1)), completion: answers.next()) }
        #expect(room == [true, true, true] + [Bool](repeating: false, count: 13))
        #expect(core.submit(.commit(Sample.commit(0..<1)), completion: answers.next()) == false)
        for _ in 0..<17 { gate.signal() }
        core.waitForRoom()
        again.wait()
        #expect(answers.errors.map(\.code) == [.tryLater])
        #expect(written.withLock { $0 } == 16)
        core.end()
        core.waitForEnd()
    }

    @Test("A group ends at its number of commits and at its bytes")
    func groups() throws {
        var limits = GroupCommitter.Limits()
        (limits.groupCommits, limits.groupBytes) = (3, 100)
        let sizes = Mutex<[Int]>([])
        let core = CommitCore(limits: limits, roomAgain: nil) { commits throws(TalkootError) in sizes.withLock { $0.append(commits.count) }
        }
        let answers = Answers()
        for _ in 0..<7 { _ = core.submit(.commit(Sample.commit(0..<1)), completion: answers.next()) }
        for _ in 0..<3 { _ = core.submit(.commit(Sample.commit(0..<20)), completion: answers.next()) }
        core.end()
        core.write()
        #expect(answers.errors.isEmpty)
        #expect(sizes.withLock { $0 } == [3, 3, 2, 1, 1])
    }
}
