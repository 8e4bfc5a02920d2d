import GRDB
import Glibc
import Synchronization
public import TalkootCore

/// One job's memory: what was asked and every result that came, in `<directory>/journal.sqlite`.
///
/// SQLite with a write-ahead log and `synchronous=FULL`: what ``append(_:)`` returned from survives a kill and a power cut.
/// One row a commit, never one a unit; rows never overlap, so the first commit of a unit is its result for ever. While a
/// process works on the job it holds the lock of the directory. All methods may be called from any thread and block.
public final class JobJournal: Sendable {
    /// How a journal is opened.
    public enum Access: Sendable {
        /// To look, also while the job runs in another process.
        case readOnly
        /// To work on the job: one process at a time.
        case exclusive
    }

    /// The most units a job can have: SQLite's whole numbers end there.
    public static let maximumUnits = UInt64(Int64.max)

    /// Where the journal lives.
    public let directory: String

    let path: String
    let database: any DatabaseWriter
    /// The units of the job, to check commits against.
    let units: Mutex<UInt64>
    private let lock: DirectoryLock?

    private init(directory: String, database: any DatabaseWriter, lock: DirectoryLock?) throws(TalkootError) {
        self.directory = directory
        self.database = database
        self.lock = lock
        path = Self.path(in: directory)
        units = Mutex(0)
        let record = try record()
        units.withLock { $0 = record.shape.units }
    }

    /// The journal's file in a job's directory.
    public static func path(in directory: String) -> String { directory + "/journal.sqlite" }

    /// Whether a job's directory has a journal.
    public static func exists(in directory: String) -> Bool { FileSystem.exists(path(in: directory)) }

    /// Whether a process works on the job at the moment; a job that says `running` without one was interrupted.
    public static func isHeld(directory: String) -> Bool { DirectoryLock.isHeld(directory: directory) }

    /// Makes the journal of a new job and opens it; the directory is made when it is not there. Either all of it is there
    /// afterwards or nothing.
    ///
    /// - Throws: `.cannotCreate` when the directory holds a job already or cannot be made, `.tryLater` when another process
    ///   makes one there, `.usage` when the job has more than ``maximumUnits``, `.inputOutput` when the disk is full.
    public static func create(directory: String, job: JobRecord) throws(TalkootError) -> JobJournal {
        guard job.shape.units <= maximumUnits else {
            throw TalkootError(.usage, "a job has at most \(maximumUnits) units", remedy: "use more items a unit")
        }
        try FileSystem.makeDirectory(directory)
        let lock = try DirectoryLock(directory: directory, what: "job \(job.id)")
        guard !exists(in: directory) else {
            throw TalkootError(.cannotCreate, "\(directory) already holds a job", remedy: "resume it or choose another directory")
        }
        let final = path(in: directory)
        let temporary = FileSystem.temporaryName(for: final)
        defer { for suffix in ["", "-journal"] { unlink(temporary + suffix) } }
        try StoreFailure.translating(final) {
            let queue = try DatabaseFile.openForMaking(temporary)
            try Schema.journal.bringUpToDate(queue, path: final)
            let text = try RowText.encode(job)
            try queue.write { try $0.execute(sql: "INSERT INTO job (number, record) VALUES (1, ?)", arguments: [text]) }
            try queue.close()
        }
        try FileSystem.publish(temporary, as: final)
        return try JobJournal(directory: directory, database: openPool(final), lock: lock)
    }

    /// Opens the journal of a job.
    ///
    /// - Throws: `.notFound` when there is none, `.tryLater` when another process works on the job (with `.exclusive`),
    ///   `.badData` when the file is damaged or from a newer version, `.inputOutput` when it cannot be read or written.
    public static func open(directory: String, access: Access) throws(TalkootError) -> JobJournal {
        guard exists(in: directory) else {
            throw TalkootError(.notFound, "there is no job in \(directory)", remedy: "list the jobs with `talkoot jobs`")
        }
        switch access {
        case .readOnly:
            let path = path(in: directory)
            let queue = try StoreFailure.translating(path) {
                let queue = try DatabaseFile.openForReading(path)
                try Schema.journal.checkUpToDate(queue, path: path)
                return queue
            }
            return try JobJournal(directory: directory, database: queue, lock: nil)
        case .exclusive:
            let lock = try DirectoryLock(directory: directory, what: "the job in \(directory)")
            return try JobJournal(directory: directory, database: openPool(path(in: directory)), lock: lock)
        }
    }

    private static func openPool(_ path: String) throws(TalkootError) -> DatabasePool {
        try StoreFailure.translating(path) {
            let pool = try DatabaseFile.openForWriting(path)
            try Schema.journal.bringUpToDate(pool, path: path)
            return pool
        }
    }
}
