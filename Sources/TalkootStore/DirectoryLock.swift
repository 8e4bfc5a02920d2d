import Glibc
public import TalkootCore

/// The lock of a directory that one process at a time may work in: `flock` on its file `lock`.
///
/// The kernel lets go of it when the process ends, however it ends. The file holds the owner's process number, for messages.
public final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; `what` names the thing in the error, `job 00ff…` for instance.
    ///
    /// - Throws: `.tryLater` when another process holds it, `.cannotCreate` or `.inputOutput` when the file cannot be made.
    public init(directory: String, what: String) throws(TalkootError) {
        let path = Self.path(in: directory)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreFailure.system(errno, "create", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            let owner = Self.owner(descriptor)
            close(descriptor)
            guard number == EWOULDBLOCK else { throw StoreFailure.system(number, "lock", path) }
            throw TalkootError(
                .tryLater, "\(what) is in use\(owner.map { " by process \($0)" } ?? "")", remedy: "wait until it ends, or stop that process"
            )
        }
        self.descriptor = descriptor
        let text = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    }

    deinit { close(descriptor) }

    /// Whether a process, this one included, holds the lock of `directory` at the moment.
    public static func isHeld(directory: String) -> Bool {
        let descriptor = open(path(in: directory), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    private static func path(in directory: String) -> String { directory + "/lock" }

    private static func owner(_ descriptor: Int32) -> Int? {
        var text = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &text, text.count, 0)
        return count > 0 ? Int(String(decoding: text[..<count].prefix { $0 != 10 }, as: UTF8.self)) : nil
    }
}
