import Glibc
import TalkootCore

/// What the error number of a failed file operation means to the person at the keyboard.
enum FileFault {
    /// A file that cannot be opened or read.
    static func reading(_ path: String, code: Int32 = errno) -> TalkootError {
        switch code {
        case ENOENT, ENOTDIR: TalkootError(.notFound, "there is no file \(path)", remedy: "check the path")
        case EACCES, EPERM: TalkootError(.refused, "\(path) may not be read", remedy: "check its permissions (ls -l)")
        case EISDIR: TalkootError(.badData, "\(path) is a directory", remedy: "give a file")
        default: TalkootError(.inputOutput, "cannot read \(path): \(SystemText.reason(code))", remedy: "check the disk")
        }
    }

    /// A file or directory that cannot be made.
    static func creating(_ path: String, code: Int32 = errno) -> TalkootError {
        let remedy =
            switch code {
            case ENOENT, ENOTDIR: "make the directory it lies in"
            case EACCES, EPERM, EROFS: "choose a place that you may write to"
            case ENOSPC, EDQUOT: "make room on the disk"
            default: "choose another place"
            }
        return TalkootError(.cannotCreate, "cannot create \(path): \(SystemText.reason(code))", remedy: remedy)
    }

    /// A file that cannot be written to its end; its unfinished form is removed.
    static func writing(_ path: String, removing temporary: String? = nil, code: Int32 = errno) -> TalkootError {
        if let temporary { unlink(temporary) }
        let isFull = code == ENOSPC || code == EDQUOT
        return TalkootError(
            .inputOutput, "cannot write \(path): \(SystemText.reason(code))",
            remedy: isFull ? "make room on the disk and try again" : "check the disk")
    }
}
