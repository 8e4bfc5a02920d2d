import GRDB
public import TalkootCore

/// How far a job is, as its journal knows.
public struct JobProgress: Hashable, Sendable {
    /// Units with a result.
    public var unitsDone: UInt64
    /// Units that were given up.
    public var unitsFailed: UInt64
    /// Commits.
    public var commits: Int
    /// What the units cost, in microseconds of processor time.
    public var processorMicroseconds: UInt64
}

/// What one volunteer did for a job.
public struct JobContribution: Hashable, Sendable {
    /// Who.
    public var volunteer: String
    /// Units with a result or a failure.
    public var units: UInt64
    /// What they cost, in microseconds of processor time.
    public var processorMicroseconds: UInt64
}

extension JobJournal {
    /// The most bytes of results that ``results(from:limitUnits:limitBytes:)`` returns unless told otherwise: 4 MiB.
    public static let readBytes = 4 << 20

    /// The runs of units that have a result or a failure, merged, in order. Memory grows with the gaps between them, not with
    /// units or rows; time with the rows.
    ///
    /// - Throws: `.inputOutput` or `.badData` when the journal cannot be read.
    public func finishedRanges() throws(TalkootError) -> [Range<UInt64>] {
        try reading("SELECT first, units FROM result ORDER BY first") { statement in
            var ranges: [Range<UInt64>] = []
            while try statement.step() {
                let units = try units(statement)
                if let last = ranges.last, last.upperBound == units.lowerBound {
                    ranges[ranges.count - 1] = last.lowerBound..<units.upperBound
                } else {
                    ranges.append(units)
                }
            }
            return ranges
        }
    }

    /// Commits in the order of their units, disjoint, from `unit` on: the first one is cut to begin there when it began
    /// before. Ends after `limitUnits` units or about `limitBytes` bytes, but has at least one commit when there is one. Gaps
    /// are units without a result yet.
    ///
    /// - Throws: `.inputOutput` or `.badData` when the journal cannot be read.
    public func results(
        from unit: UInt64, limitUnits: UInt64 = .max, limitBytes: Int = readBytes
    ) throws(TalkootError) -> [JournalCommit] {
        guard unit < Self.maximumUnits, limitUnits > 0 else { return [] }
        let sql = """
            SELECT first, units, processor, failure, volunteer, ends, bytes FROM result
            WHERE first >= coalesce((SELECT first FROM result WHERE first <= ?1 ORDER BY first DESC LIMIT 1), ?1) ORDER BY first
            """
        return try reading(sql) { statement in
            statement.bind(Int64(unit), at: 1)
            var commits: [JournalCommit] = []
            var unitsLeft = limitUnits
            var bytes = 0
            while unitsLeft > 0, bytes < limitBytes || commits.isEmpty, try statement.step() {
                let units = try units(statement)
                guard units.upperBound > unit else { continue }
                let start = max(units.lowerBound, unit)
                let part = start..<min(units.upperBound, start.addingReportingOverflow(unitsLeft).overflow ? .max : start + unitsLeft)
                let commit = try commit(statement, units: units).trimmed(to: part)
                commits.append(commit)
                unitsLeft -= part.upperBound - part.lowerBound
                bytes += commit.bytes.count + 8 * commit.resultEnds.count
            }
            return commits
        }
    }

    /// How far the job is. Costs a pass over the rows.
    ///
    /// - Throws: `.inputOutput` or `.badData` when the journal cannot be read.
    public func progress() throws(TalkootError) -> JobProgress {
        let sql = """
            SELECT coalesce(sum(units) FILTER (WHERE failure IS NULL), 0), count(failure), count(*), coalesce(sum(processor), 0) FROM result
            """
        return try reading(sql) { statement in
            _ = try statement.step()
            return JobProgress(
                unitsDone: UInt64(statement.integer(0)), unitsFailed: UInt64(statement.integer(1)), commits: Int(statement.integer(2)),
                processorMicroseconds: UInt64(statement.integer(3)))
        }
    }

    /// What each volunteer did, most units first, at most `limit` of them. Costs a pass over the rows.
    ///
    /// - Throws: `.inputOutput` or `.badData` when the journal cannot be read.
    public func contributions(limit: Int = 1000) throws(TalkootError) -> [JobContribution] {
        let sql = "SELECT volunteer, sum(units), sum(processor) FROM result GROUP BY volunteer ORDER BY 2 DESC, 1 LIMIT ?"
        return try reading(sql) { statement in
            statement.bind(Int64(limit), at: 1)
            var found: [JobContribution] = []
            while try statement.step() {
                found.append(
                    JobContribution(
                        volunteer: statement.text(0) ?? "", units: UInt64(statement.integer(1)),
                        processorMicroseconds: UInt64(statement.integer(2))))
            }
            return found
        }
    }

    /// The units that were given up, in order, at most `limit` of them, with who saw them fail last. Costs a pass over the rows.
    ///
    /// - Throws: `.inputOutput` or `.badData` when the journal cannot be read.
    public func failures(limit: Int = 100) throws(TalkootError) -> [JournalCommit] {
        let sql = """
            SELECT first, units, processor, failure, volunteer, ends, bytes FROM result WHERE failure IS NOT NULL ORDER BY first LIMIT ?
            """
        return try reading(sql) { statement in
            statement.bind(Int64(limit), at: 1)
            var found: [JournalCommit] = []
            while try statement.step() { found.append(try commit(statement, units: units(statement))) }
            return found
        }
    }

    func reading<Value>(_ sql: String, _ body: (RawStatement) throws -> Value) throws(TalkootError) -> Value {
        try StoreFailure.translating(path) {
            try database.read { connection in
                let statement = try RawStatement(connection, sql)
                defer { statement.reset() }
                return try body(statement)
            }
        }
    }

    func units(_ statement: RawStatement) throws -> Range<UInt64> {
        let (first, count) = (statement.integer(0), statement.integer(1))
        guard first >= 0, count > 0, count <= Int64.max - first else {
            throw StoreFailure.damaged(path, "a run of \(count) units at \(first)")
        }
        return UInt64(first)..<UInt64(first + count)
    }

    /// The row as a commit; columns first, units, processor, failure, volunteer, ends, bytes.
    func commit(_ statement: RawStatement, units: Range<UInt64>) throws -> JournalCommit {
        let bytes = [UInt8](statement.bytes(6))
        var commit = JournalCommit(
            units: units, resultEnds: [], bytes: bytes, volunteer: statement.text(4) ?? "",
            processorMicroseconds: UInt64(max(0, statement.integer(2))))
        if let failure = statement.text(3) {
            commit.failure = try RowText.decode(failure, path: path) as UnitOutcome
        } else if let ends = ResultEnds.decode(statement.bytes(5), units: units.count, total: bytes.count) {
            commit.resultEnds = ends
        } else {
            throw StoreFailure.damaged(path, "the results of units \(units)")
        }
        return commit
    }
}
