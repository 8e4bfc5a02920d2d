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
    static func openForReading(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(busySeconds)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Opens a file that nobody else sees yet, with a plain rollback journal so that it stays one file.
    static func openForMaking(_ path: String) throws -> DatabaseQueue {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return queue
    }
}
