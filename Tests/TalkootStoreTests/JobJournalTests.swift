import Foundation
import GRDB
import TalkootCore
import Testing

@testable import TalkootStore

@Suite("The job journal")
struct JobJournalTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("What was asked comes back after a restart, and so does every change")
    func recordSurvives() throws {
        var journal: JobJournal? = try Sample.journal(scratch)
        #expect(try journal?.record() == Sample.job(units: 1000))
        try journal?.update { $0.shape = JobShape(items: 1000, itemsPerUnit: 10) }
        try journal?.setState(.failed(reason: "it broke"), now: 77)
        journal = nil
        let again = try JobJournal.open(directory: scratch("job"), access: .exclusive)
        let record = try again.record()
        #expect(record.shape.units == 100)
        #expect(record.state == .failed(reason: "it broke") && record.finished == 77)
        #expect(record.parameters == ["limit": .integer(100), "ratio": .real(1)] && record.seed == .max)
        try again.setState(.running, now: 78)
        #expect(try again.record().finished == nil)
    }

    @Test("Every connection that writes is opened with synchronous FULL and a write-ahead log")
    func pragmas() throws {
        let journal = try Sample.journal(scratch)
        let (synchronous, mode) = try journal.database.unsafeReentrantWrite { connection in
            (
                try Int.fetchOne(connection, sql: "PRAGMA synchronous"), try String.fetchOne(connection, sql: "PRAGMA journal_mode")
            )
        }
        #expect(synchronous == 2 && mode == "wal")
    }

    @Test("One process works on a job at a time, others may look")
    func exclusive() throws {
        let journal = try Sample.journal(scratch)
        #expect(JobJournal.isHeld(directory: scratch("job")))
        let refused = error { () throws(TalkootError) in try JobJournal.open(directory: scratch("job"), access: .exclusive) }
        #expect(refused?.code == .tryLater && refused?.message.contains("\(getpid())") == true)
        try journal.append([Sample.commit(0..<5)])
        let reader = try JobJournal.open(directory: scratch("job"), access: .readOnly)
        #expect(try reader.finishedRanges() == [0..<5])
        try journal.append([Sample.commit(5..<9)])
        #expect(try reader.finishedRanges() == [0..<9])
        #expect(error { () throws(TalkootError) in try reader.append([Sample.commit(10..<11)]) }?.code == .inputOutput)
    }

    @Test("The lock goes with its owner")
    func lockIsReleased() throws {
        do { _ = try Sample.journal(scratch) }
        #expect(!JobJournal.isHeld(directory: scratch("job")))
        _ = try JobJournal.open(directory: scratch("job"), access: .exclusive)
    }

    @Test("A directory holds one job, and one without a job says so")
    func missingAndPresent() throws {
        do { _ = try Sample.journal(scratch) }
        #expect(
            error { () throws(TalkootError) in try JobJournal.create(directory: scratch("job"), job: Sample.job(units: 1)) }?.code
                == .cannotCreate)
        #expect(error { () throws(TalkootError) in try JobJournal.open(directory: scratch("none"), access: .readOnly) }?.code == .notFound)
    }

    @Test("Finished ranges are merged, whatever the order of the commits")
    func ranges() throws {
        let journal = try Sample.journal(scratch)
        try journal.append([Sample.commit(10..<20), Sample.commit(0..<5), Sample.commit(30..<31)])
        #expect(try journal.finishedRanges() == [0..<5, 10..<20, 30..<31])
        try journal.append([Sample.commit(5..<10), Sample.failure(20)])
        #expect(try journal.finishedRanges() == [0..<21, 30..<31])
    }

    @Test("The first commit of a unit is its result for ever")
    func overlaps() throws {
        let journal = try Sample.journal(scratch)
        #expect(try journal.append([Sample.commit(3..<5, by: "a"), Sample.commit(7..<8, by: "b")]) == 3)
        #expect(try journal.append([Sample.commit(0..<10, by: "c")]) == 7)
        #expect(try journal.append([Sample.commit(0..<10, by: "d"), Sample.failure(4)]) == 0)
        let texts = try journal.results(from: 0).flatMap(\.texts)
        #expect(texts == ["0c ", "1c ", "2c ", "3a ", "4a ", "5c ", "6c ", "7b ", "8c ", "9c "])
        #expect(try journal.finishedRanges() == [0..<10])
    }

    @Test("Any mix of overlapping commits agrees with a plain array", arguments: [1, 2, 3, 4] as [UInt64])
    func againstModel(seed: UInt64) throws {
        let journal = try Sample.journal(scratch, units: 200)
        var generator = Seeded(state: seed)
        var model = [String?](repeating: nil, count: 200)
        for round in 0..<60 {
            let start = UInt64.random(in: 0..<199, using: &generator)
            let end = UInt64.random(in: start + 1...min(200, start + 40), using: &generator)
            try journal.append([Sample.commit(start..<end, by: "v\(round)")])
            for unit in start..<end where model[Int(unit)] == nil { model[Int(unit)] = "\(unit)v\(round) " }
        }
        var found = [String?](repeating: nil, count: 200)
        let from = UInt64.random(in: 0..<200, using: &generator)
        for commit in try journal.results(from: from) {
            for (unit, text) in zip(commit.units, commit.texts) { found[Int(unit)] = text }
        }
        #expect(Array(found[Int(from)...]) == Array(model[Int(from)...]), "seed \(seed)")
        #expect(found[..<Int(from)].allSatisfy { $0 == nil })
    }

    @Test("Results come from the middle of a commit, and no more units or bytes than asked")
    func bounded() throws {
        let journal = try Sample.journal(scratch)
        try journal.append([Sample.commit(0..<10), Sample.commit(10..<20), Sample.commit(25..<30)])
        let cut = try journal.results(from: 4, limitUnits: 8)
        #expect(cut.map(\.units) == [4..<10, 10..<12])
        #expect(cut.flatMap(\.texts) == (4..<12).map { "\($0)bob " })
        #expect(try journal.results(from: 0, limitBytes: 1).map(\.units) == [0..<10])
        #expect(try journal.results(from: 20).map(\.units) == [25..<30])
        #expect(try journal.results(from: 30).isEmpty)
        #expect(try journal.results(from: .max).isEmpty)
    }

    @Test("Progress, contributions and failures are counted from the rows")
    func progress() throws {
        let journal = try Sample.journal(scratch)
        try journal.append([Sample.commit(0..<10, by: "a"), Sample.commit(10..<14, by: "b"), Sample.failure(20, .deadline(seconds: 2))])
        #expect(try journal.progress() == JobProgress(unitsDone: 14, unitsFailed: 1, commits: 3, processorMicroseconds: 140))
        #expect(try journal.contributions().map(\.volunteer) == ["a", "b", "bob"])
        #expect(try journal.failures().map(\.failure) == [.deadline(seconds: 2)])
        #expect(try journal.forgetFailures() == 1)
        #expect(try journal.finishedRanges() == [0..<14])
    }

    @Test(
        "A commit that is not sound is refused and nothing of its group is written",
        arguments: [
            JournalCommit(units: 5..<5, resultEnds: [], bytes: [], volunteer: "x"),
            JournalCommit(units: 0..<1001, resultEnds: [Int](repeating: 0, count: 1001), bytes: [], volunteer: "x"),
            JournalCommit(units: 0..<2, resultEnds: [1], bytes: [1], volunteer: "x"),
            JournalCommit(units: 0..<2, resultEnds: [2, 1], bytes: [1], volunteer: "x"),
            JournalCommit(units: 0..<2, resultEnds: [1, 2], bytes: [1, 2, 3], volunteer: "x"),
            JournalCommit(units: 0..<2, resultEnds: [], bytes: [], failure: .failed(message: ""), volunteer: "x"),
            JournalCommit(units: 0..<1, resultEnds: [], bytes: [], failure: .done, volunteer: "x"),
            JournalCommit(units: 0..<1, resultEnds: [0], bytes: [], volunteer: String(repeating: "x", count: 257)),
        ])
    func unsound(_ commit: JournalCommit) throws {
        let journal = try Sample.journal(scratch)
        #expect(error { () throws(TalkootError) in try journal.append([Sample.commit(0..<3), commit]) }?.code == .badData)
        #expect(try journal.finishedRanges().isEmpty)
    }

    @Test("The units of a job cannot change after a result came")
    func shapeIsFixed() throws {
        let journal = try Sample.journal(scratch)
        try journal.append([Sample.commit(0..<1)])
        let refused = error { () throws(TalkootError) in try journal.update { $0.shape = JobShape(items: 9, itemsPerUnit: 1) } }
        #expect(refused?.code == .refused)
        try journal.update { $0.outputPath = "/else" }
        #expect(try journal.record().outputPath == "/else")
    }

    @Test("A full disk is one clear error and leaves nothing half-written")
    func fullDisk() throws {
        let journal = try Sample.journal(scratch, units: 100_000)
        try journal.append([Sample.commit(0..<10)])
        try journal.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 40") }
        let big = Sample.commit(50..<60_000)
        let refused = error { () throws(TalkootError) in try journal.append([Sample.commit(20..<30), big]) }
        #expect(refused?.code == .inputOutput && refused?.message.contains("full") == true && refused?.remedy.isEmpty == false)
        #expect(try journal.finishedRanges() == [0..<10])
        try journal.append([Sample.commit(20..<30)])
        #expect(try journal.finishedRanges() == [0..<10, 20..<30])
    }

    @Test("A journal that cannot be made leaves no journal behind")
    func nothingHalfMade() throws {
        let blocked = scratch("file")
        try Data().write(to: URL(fileURLWithPath: blocked))
        let refused = error { () throws(TalkootError) in try JobJournal.create(directory: blocked + "/job", job: Sample.job(units: 1)) }
        #expect(refused?.code == .cannotCreate)
        do { _ = try Sample.journal(scratch) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch("job")).sorted() == ["journal.sqlite", "lock"])
    }

    @Test("A file that is no journal, or a newer one, is refused in words")
    func strangeFiles() throws {
        do { _ = try Sample.journal(scratch) }
        let path = JobJournal.path(in: scratch("job"))
        try DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA user_version = 99") }
        let newer = error { () throws(TalkootError) in try JobJournal.open(directory: scratch("job"), access: .exclusive) }
        #expect(newer?.code == .badData && newer?.remedy == "update talkoot")
        #expect(error { () throws(TalkootError) in try JobJournal.open(directory: scratch("job"), access: .readOnly) }?.code == .badData)
        try DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA application_id = 5") }
        #expect(error { () throws(TalkootError) in try JobJournal.open(directory: scratch("job"), access: .exclusive) }?.code == .badData)
        try Data("this is no database at all, only text".utf8).write(to: URL(fileURLWithPath: path))
        #expect(error { () throws(TalkootError) in try JobJournal.open(directory: scratch("job"), access: .exclusive) }?.code == .badData)
    }

    @Test("An older schema is brought up to date step by step, and not by a reader")
    func migration() throws {
        let path = scratch("old.sqlite")
        let first = Schema(application: 5, name: "thing", steps: ["CREATE TABLE a (x)"])
        let second = Schema(application: 5, name: "thing", steps: ["CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y"])
        let queue = try DatabaseQueue(path: path)
        try first.bringUpToDate(queue, path: path)
        #expect(throws: TalkootError.self) { try second.checkUpToDate(queue, path: path) }
        try second.bringUpToDate(queue, path: path)
        try second.bringUpToDate(queue, path: path)
        try second.checkUpToDate(queue, path: path)
        try queue.write { try $0.execute(sql: "INSERT INTO a (x, y) VALUES (1, 2)") }
        #expect(throws: TalkootError.self) { try first.bringUpToDate(queue, path: path) }
    }

    @Test("A job of 10^9 units costs memory by its fragments, not its units")
    func manyUnits() throws {
        let journal = try Sample.journal(scratch, units: 1_000_000_000)
        let step: UInt64 = 1_000_000
        let commits = (0..<1000).map { index in
            JournalCommit(
                units: UInt64(index) * step..<UInt64(index) * step + step, resultEnds: [], bytes: [], volunteer: "bob")
        }
        // Rows as a coordinator of huge units would leave them, without building a million ends for each here.
        try journal.database.write { connection in
            for commit in commits {
                try connection.execute(
                    sql: "INSERT INTO result (first, units, processor, volunteer, ends, bytes) VALUES (?, ?, 1, 'bob', ?, x'')",
                    arguments: [Int64(commit.units.lowerBound), Int64(step), Data(ResultEnds.encode([0]))])
            }
        }
        #expect(try journal.finishedRanges() == [0..<1_000_000_000])
        #expect(try journal.progress().unitsDone == 1_000_000_000)
    }
}
