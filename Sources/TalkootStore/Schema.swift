import GRDB
import TalkootCore

/// The tables of a database file, as the steps that lead from nothing to today's version.
struct Schema: Sendable {
    /// SQLite's `application_id`: says whose file it is.
    let application: Int32
    /// What the file is, for messages: `job journal`.
    let name: String
    /// Step *i* leads from version *i* to *i + 1* (`user_version`). Steps that were released never change.
    let steps: [String]

    /// Makes the tables in an empty database, or brings older ones up to date, each step in a transaction.
    ///
    /// - Throws: `.badData` when the file is something else or from a newer program; what SQLite throws.
    func bringUpToDate(_ database: any DatabaseWriter, path: String) throws {
        try database.writeWithoutTransaction { connection in
            var version = try check(connection, path: path)
            while version < steps.count {
                try connection.inTransaction(.immediate) {
                    try connection.execute(sql: steps[version])
                    try connection.execute(sql: "PRAGMA application_id = \(application)")
                    try connection.execute(sql: "PRAGMA user_version = \(version + 1)")
                    return .commit
                }
                version += 1
            }
        }
    }

    /// Checks that the file is up to date, for a reader that may not change it.
    func checkUpToDate(_ database: any DatabaseReader, path: String) throws {
        let version = try database.unsafeRead { try check($0, path: path) }
        guard version == steps.count else {
            throw TalkootError(
                .badData, "\(path) is a \(name) of version \(version), this program reads \(steps.count)", remedy: "resume it once")
        }
    }

    private func check(_ connection: Database, path: String) throws -> Int {
        let version = try Int.fetchOne(connection, sql: "PRAGMA user_version") ?? 0
        let found = try Int32.fetchOne(connection, sql: "PRAGMA application_id") ?? 0
        let isEmpty = try Int.fetchOne(connection, sql: "SELECT count(*) FROM sqlite_schema") == 0
        guard found == application || (found == 0 && version == 0 && isEmpty) else {
            throw TalkootError(.badData, "\(path) is not a \(name)", remedy: "name the right file or directory")
        }
        guard version <= steps.count else {
            throw TalkootError(
                .badData, "\(path) is a \(name) of version \(version), this program knows up to \(steps.count)", remedy: "update talkoot")
        }
        return version
    }
}
