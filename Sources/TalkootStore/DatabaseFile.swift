import GRDB
import TalkootCore

/// How the stores open SQLite: write-ahead log, every commit on the disk before it returns, and both checked.
enum DatabaseFile {
    /// How long a statement waits for another process, in seconds.
    static let busySeconds = 5.0
    /// The log is cut back to this size when it has been copied into the database, in bytes.
    static let logBytes = 64 << 20

    /// Opens the file for one writer and readers beside it, making it when it is not there.
    static func openForWriting(_ path: String, readers: Int = 2) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.maximumReaderCount = readers
        configuration.busyMode = .timeout(busySeconds)
        let pool = try DatabasePool(path: path, configuration: configuration)
        // The pool sets NORMAL when it opens its writer, which loses the last commits in a power cut: so FULL comes after.
        try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA journal_size_limit = \(logBytes)")
            let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous")
            let journal = try String.fetchOne(database, sql: "PRAGMA journal_mode")
            guard synchronous == 2, journal == "wal" else {
                throw TalkootError(
                    .inputOutput, "SQLite does not write \(path) safely (synchronous \(synchronous ?? -1), journal \(journal ?? "none"))",
                    remedy: "keep it on a local disk that supports shared memory")
            }
        }
        return pool
    }

    /// Opens the file for reading, beside a writer in another process perhaps.
    ///
    /// A writer that was killed may have left a journal that has to be rolled back or replayed first, which a reader may not do:
    /// then the file is opened for writing once.
    static func openForReading(_ path: String) throws -> DatabaseQueue {
        do {
            return try openReadOnly(path)
        } catch let error as DatabaseError where [.SQLITE_READONLY, .SQLITE_CANTOPEN].contains(error.resultCode) {
            var configuration = Configuration()
            configuration.busyMode = .timeout(busySeconds)
            let recovering = try DatabaseQueue(path: path, configuration: configuration)
            try recovering.read(touch)
            try recovering.close()
            return try openReadOnly(path)
        }
    }

    private static func openReadOnly(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(busySeconds)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.read(touch)
        return queue
    }

    /// Reads the schema, which makes SQLite look for what a killed writer left.
    private static func touch(_ database: Database) throws {
        _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master")
    }

    /// Opens a file that nobody else sees yet, with a plain rollback journal so that it stays one file.
    static func openForMaking(_ path: String) throws -> DatabaseQueue {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return queue
    }
}
