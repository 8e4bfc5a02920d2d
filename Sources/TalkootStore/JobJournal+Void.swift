import GRDB
import Synchronization
import TalkootCore

extension JobJournal {
    /// Writes changes in one transaction, in order, which is one flush to the disk; when it returns they are there for ever.
    ///
    /// - Throws: as ``append(_:)``.
    func apply(_ changes: [JournalChange]) throws(TalkootError) {
        let jobUnits = units.withLock { $0 }
        for case .commit(let commit) in changes {
            if let fault = commit.fault(jobUnits: jobUnits) { throw Self.unsound(commit, fault) }
        }
        try StoreFailure.translating(path) {
            try database.write { connection in
                let writer = try CommitWriter(connection)
                for change in changes {
                    switch change {
                    case .commit(let commit): _ = try writer.write(commit)
                    case .void(let ranges): for range in ranges { try remove(range, writer, connection) }
                    case .convict(let conviction): try note(conviction, connection)
                    }
                }
            }
        }
    }

    /// Removes the results of a range; what a row has beside it stays. O(rows in the range).
    private func remove(_ range: Range<UInt64>, _ writer: CommitWriter, _ connection: Database) throws {
        let kept = try outside(range, connection)
        // Rows are disjoint, so that only the first can begin before the range.
        try connection.execute(
            sql: "DELETE FROM result WHERE first >= ?1 AND first < ?2", arguments: [Int64(range.lowerBound), Int64(range.upperBound)])
        if let first = kept.first?.units.lowerBound, first < range.lowerBound {
            try connection.execute(sql: "DELETE FROM result WHERE first = ?1", arguments: [Int64(first)])
        }
        for commit in kept { _ = try writer.write(commit) }
    }

    /// What the rows that reach into a range hold beside it.
    private func outside(_ range: Range<UInt64>, _ connection: Database) throws -> [JournalCommit] {
        let rows = try RawStatement(
            connection,
            """
            SELECT first, units, processor, failure, volunteer, ends, bytes FROM result
            WHERE first >= coalesce((SELECT first FROM result WHERE first <= ?1 ORDER BY first DESC LIMIT 1), ?1) AND first < ?2
            """)
        defer { rows.reset() }
        rows.bind(Int64(range.lowerBound), at: 1)
        rows.bind(Int64(range.upperBound), at: 2)
        var kept: [JournalCommit] = []
        while try rows.step() {
            let units = try units(rows)
            guard units.upperBound > range.lowerBound else { continue }
            if units.lowerBound >= range.lowerBound, units.upperBound <= range.upperBound { continue }
            let commit = try commit(rows, units: units)
            let head = units.lowerBound..<max(units.lowerBound, range.lowerBound)
            let tail = min(units.upperBound, range.upperBound)..<units.upperBound
            kept += [head, tail].filter { !$0.isEmpty }.map { commit.trimmed(to: $0) }
        }
        return kept
    }

    private func note(_ conviction: JobVerification.Conviction, _ connection: Database) throws {
        var record = try Self.record(connection, path: path)
        guard record.verification?.convictions.count ?? .max < JobVerification.maximumConvictions else { return }
        record.verification?.convictions.append(conviction)
        try connection.execute(sql: "UPDATE job SET record = ? WHERE number = 1", arguments: [RowText.encode(record)])
    }
}
