import GRDB
import Glibc
import TalkootCore

/// Turns what SQLite and the system report into one clear error.
enum StoreFailure {
    /// Runs `body`; what it throws comes out as a ``TalkootError`` about the file at `path`.
    static func translating<Value>(_ path: String, _ body: () throws -> Value) throws(TalkootError) -> Value {
        do {
            return try body()
        } catch {
            throw translated(error, path: path)
        }
    }

    /// The error for what was thrown while the file at `path` was used.
    static func translated(_ error: any Error, path: String) -> TalkootError {
        if let error = error as? TalkootError { return error }
        guard let error = error as? DatabaseError else { return TalkootError(.internalError, "\(path): \(error)") }
        let words = error.message ?? "error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL:
            return TalkootError(.inputOutput, "the disk that holds \(path) is full", remedy: "free some space there and try again")
        case .SQLITE_IOERR:
            return TalkootError(
                .inputOutput, "cannot read or write \(path): \(words)", remedy: "check the disk (space, quota, cable, dmesg) and try again")
        case .SQLITE_READONLY, .SQLITE_PERM:
            return TalkootError(
                .inputOutput, "\(path) cannot be written: \(words)", remedy: "check the owner and permissions of its directory")
        case .SQLITE_CANTOPEN:
            return TalkootError(
                .inputOutput, "cannot open \(path): \(words)", remedy: "check that it exists and that its directory may be written")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return TalkootError(.tryLater, "\(path) is in use by another process", remedy: "try again in a moment")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return TalkootError(.badData, "\(path) is damaged or no database: \(words)", remedy: "restore it from a backup or remove it")
        default:
            return TalkootError(.internalError, "\(path): \(error)")
        }
    }

    /// The error for a system call that failed with `number` (errno) on `path`.
    static func system(_ number: Int32, _ what: String, _ path: String) -> TalkootError {
        let words = String(cString: strerror(number))
        switch number {
        case ENOSPC, EDQUOT:
            return TalkootError(.inputOutput, "the disk that holds \(path) is full", remedy: "free some space there and try again")
        case EACCES, EPERM, EROFS:
            return TalkootError(
                .cannotCreate, "cannot \(what) \(path): \(words)", remedy: "choose a directory you may write, or change its permissions")
        case ENOENT:
            return TalkootError(.notFound, "cannot \(what) \(path): \(words)", remedy: "check the path")
        case ENOTDIR, EEXIST:
            return TalkootError(
                .cannotCreate, "cannot \(what) \(path): \(words)", remedy: "remove what is in the way or choose another path")
        default:
            return TalkootError(.inputOutput, "cannot \(what) \(path): \(words)", remedy: "check the disk and the path, then try again")
        }
    }

    /// The error for a row that cannot be what this program wrote.
    static func damaged(_ path: String, _ what: String) -> TalkootError {
        TalkootError(.badData, "\(path) is damaged: \(what)", remedy: "restore it from a backup or start again without it")
    }
}
