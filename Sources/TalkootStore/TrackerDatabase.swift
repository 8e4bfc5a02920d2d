import GRDB
import Glibc
public import TalkootCore

/// A tracker's memory in a directory: `tracker.sqlite` for accounts, tokens, peers and modules, `modules/` for the packages.
///
/// SQLite with a write-ahead log and `synchronous=FULL`; a lock keeps a second tracker out of the directory.
public final class TrackerDatabase: TrackerStore {
    /// Tokens an account may have at once: one for each of its machines, and some to spare.
    public static let tokensPerAccount = 64
    /// Peers of an account that are remembered.
    public static let peersPerAccount = 64
    /// Modules, all versions counted, that an account may upload.
    public static let modulesPerAccount = 1000

    /// Where it all is.
    public let directory: String

    let path: String
    let pool: DatabasePool
    private let lock: DirectoryLock

    /// Opens the store, making it when it is not there.
    ///
    /// - Throws: `.tryLater` when another tracker works in the directory, `.cannotCreate` when it cannot be made, `.badData`
    ///   when the file is damaged or from a newer version, `.inputOutput` when the disk is full or fails.
    public init(directory: String) throws(TalkootError) {
        try FileSystem.makeDirectory(directory)
        lock = try DirectoryLock(directory: directory, what: "the tracker's directory \(directory)")
        try FileSystem.makeDirectory(Self.packages(directory))
        let path = directory + "/tracker.sqlite"
        self.directory = directory
        self.path = path
        pool = try StoreFailure.translating(path) {
            let pool = try DatabaseFile.openForWriting(path, readers: 4)
            try Schema.tracker.bringUpToDate(pool, path: path)
            return pool
        }
        chmod(path, 0o600)
        removeTemporaryPackages()
    }

    static func packages(_ directory: String) -> String { directory + "/modules" }

    func read<Value>(_ body: (Database) throws -> Value) throws(TalkootError) -> Value {
        try StoreFailure.translating(path) { try pool.read(body) }
    }

    func write<Value>(_ body: (Database) throws -> Value) throws(TalkootError) -> Value {
        try StoreFailure.translating(path) { try pool.write(body) }
    }
}
