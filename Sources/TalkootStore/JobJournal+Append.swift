import GRDB
import Synchronization
public import TalkootCore

extension JobJournal {
    /// Writes commits in one transaction, which is one flush to the disk; when it returns they are there for ever.
    ///
    /// Units that have a result already keep it: only the others of a commit are taken. So a repeated commit does nothing.
    ///
    /// - Returns: how many units are new.
    /// - Throws: `.badData` when a commit is not sound (nothing is written then), `.inputOutput` when the disk is full or fails.
    @discardableResult
    public func append(_ commits: [JournalCommit]) throws(TalkootError) -> UInt64 {
        let jobUnits = units.withLock { $0 }
        for commit in commits {
            if let fault = commit.fault(jobUnits: jobUnits) { throw Self.unsound(commit, fault) }
        }
        guard !commits.isEmpty else { return 0 }
        return try StoreFailure.translating(path) {
            try database.write { connection in
                let writer = try CommitWriter(connection)
                return try commits.reduce(0) { try $0 + writer.write($1) }
            }
        }
    }
}

extension JobJournal {
    static func unsound(_ commit: JournalCommit, _ fault: String) -> TalkootError {
        TalkootError(.badData, "the commit of units \(commit.units) by \(commit.volunteer) is not sound: \(fault)")
    }
}

/// Puts commits into the table, cut so that rows stay disjoint.
struct CommitWriter {
    private let connection: Database
    private let lastBefore: RawStatement
    private let insert: RawStatement

    init(_ connection: Database) throws {
        self.connection = connection
        lastBefore = try RawStatement(connection, "SELECT first, units FROM result WHERE first < ? ORDER BY first DESC LIMIT 1")
        insert = try RawStatement(
            connection, "INSERT INTO result (first, units, processor, failure, volunteer, ends, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)")
    }

    func write(_ commit: JournalCommit) throws -> UInt64 {
        var added: UInt64 = 0
        for gap in try gaps(in: commit.units) {
            try insert(commit.trimmed(to: gap))
            added += gap.upperBound - gap.lowerBound
        }
        return added
    }

    /// The runs of `range` that have no result, last one first: from its end backwards, one look-up a row that is in the way.
    private func gaps(in range: Range<UInt64>) throws -> [Range<UInt64>] {
        var gaps: [Range<UInt64>] = []
        var end = range.upperBound
        while end > range.lowerBound {
            guard let row = try row(startingBefore: end), row.upperBound > range.lowerBound else {
                gaps.append(range.lowerBound..<end)
                break
            }
            if row.upperBound < end { gaps.append(row.upperBound..<end) }
            end = row.lowerBound
        }
        return gaps
    }

    private func row(startingBefore end: UInt64) throws -> Range<UInt64>? {
        defer { lastBefore.reset() }
        lastBefore.bind(Int64(end), at: 1)
        guard try lastBefore.step() else { return nil }
        let first = UInt64(lastBefore.integer(0))
        return first..<first + UInt64(lastBefore.integer(1))
    }

    private func insert(_ commit: JournalCommit) throws {
        defer { insert.reset() }
        insert.bind(Int64(commit.units.lowerBound), at: 1)
        insert.bind(Int64(commit.units.count), at: 2)
        insert.bind(Int64(clamping: commit.processorMicroseconds), at: 3)
        insert.bind(try commit.failure.map(RowText.encode), at: 4)
        insert.bind(commit.volunteer, at: 5)
        try ResultEnds.encode(commit.resultEnds).withUnsafeBytes { ends in
            insert.bind(ends, at: 6)
            try commit.bytes.withUnsafeBytes { bytes in
                insert.bind(bytes, at: 7)
                _ = try insert.step()
            }
        }
    }
}
