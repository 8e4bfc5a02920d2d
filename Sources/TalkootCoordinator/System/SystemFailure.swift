import Glibc
import TalkootCore

extension TalkootError {
    /// What a failed system call means for a person: the action, the path and the kernel's words.
    ///
    /// - Parameter action: a phrase such as "cannot read".
    static func system(_ action: String, path: String, error: Int32 = errno) -> TalkootError {
        let words = String(cString: strerror(error)).lowercased()
        let message = "\(action) \(path): \(words)"
        switch error {
        case ENOENT, ENOTDIR: return TalkootError(.notFound, message, remedy: "check the path")
        case EACCES, EPERM: return TalkootError(.inputOutput, message, remedy: "check the permissions")
        case EROFS: return TalkootError(.cannotCreate, message, remedy: "choose a place that can be written")
        case ENOSPC, EDQUOT, EFBIG: return TalkootError(.inputOutput, message, remedy: "free some space there or choose another place")
        default: return TalkootError(.inputOutput, message)
        }
    }
}
