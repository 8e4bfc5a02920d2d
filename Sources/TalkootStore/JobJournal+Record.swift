import GRDB
import Synchronization
public import TalkootCore

extension JobJournal {
    /// What was asked and how far it is.
    ///
    /// - Throws: `.badData` when the row is damaged, `.inputOutput` when it cannot be read.
    public func record() throws(TalkootError) -> JobRecord {
        try StoreFailure.translating(path) { try database.read { try Self.record($0, path: path) } }
    }

    /// Changes the job's row, durably, and returns the new one.
    ///
    /// - Throws: `.refused` when the shape would change after something was committed, `.usage` when the job would have more
    ///   than ``maximumUnits``, `.inputOutput` when it cannot be written.
    @discardableResult
    public func update(_ change: (inout JobRecord) -> Void) throws(TalkootError) -> JobRecord {
        let record = try StoreFailure.translating(path) {
            try database.write { connection in
                let old = try Self.record(connection, path: path)
                var new = old
                change(&new)
                if new.shape != old.shape { try checkShape(new.shape, connection) }
                try connection.execute(sql: "UPDATE job SET record = ? WHERE number = 1", arguments: [RowText.encode(new)])
                return new
            }
        }
        units.withLock { $0 = record.shape.units }
        return record
    }

    /// Remembers where the job stands; `now` (seconds since 1970) is when, and becomes ``JobRecord/finished`` with a final state.
    ///
    /// - Throws: `.inputOutput` when it cannot be written.
    public func setState(_ state: JobState, now: Int64) throws(TalkootError) {
        try update {
            $0.state = state
            $0.finished = state.isFinal ? now : nil
        }
    }

    /// Forgets units that were given up, durably, so that they can be tried again; returns how many.
    ///
    /// - Throws: `.inputOutput` when it cannot be written.
    @discardableResult
    public func forgetFailures() throws(TalkootError) -> Int {
        try StoreFailure.translating(path) {
            try database.write { connection in
                try connection.execute(sql: "DELETE FROM result WHERE failure IS NOT NULL")
                return connection.changesCount
            }
        }
    }

    static func record(_ connection: Database, path: String) throws -> JobRecord {
        guard let text = try String.fetchOne(connection, sql: "SELECT record FROM job WHERE number = 1") else {
            throw StoreFailure.damaged(path, "it has no job")
        }
        return try RowText.decode(text, path: path)
    }

    private func checkShape(_ shape: JobShape, _ connection: Database) throws {
        guard shape.units <= Self.maximumUnits else {
            throw TalkootError(.usage, "a job has at most \(Self.maximumUnits) units", remedy: "use more items a unit")
        }
        guard try Bool.fetchOne(connection, sql: "SELECT EXISTS (SELECT 1 FROM result)") == false else {
            throw TalkootError(.refused, "the job's units cannot change after results came", remedy: "submit a new job")
        }
    }
}
