import Glibc
import TalkootCore

/// A file that appears under its name only when it is complete: written beside it, synced, renamed.
///
/// Used by one thread. Dropped without ``commit()``, it leaves nothing behind.
final class OutputFile {
    /// The final name.
    let path: String
    /// How many bytes were written.
    private(set) var byteCount: UInt64 = 0

    private let temporaryPath: String
    private var descriptor: Int32

    /// Creates the temporary file in the same directory.
    ///
    /// - Throws: ``TalkootError`` `cannot-create` when the directory is missing or not writable.
    init(path: String) throws(TalkootError) {
        self.path = path
        let (directory, name) = Self.split(path)
        temporaryPath = "\(directory)/.\(name).\(getpid()).\(UInt32.random(in: 0...(.max))).partial"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            let words = String(cString: strerror(errno)).lowercased()
            throw TalkootError(
                .cannotCreate, "cannot create \(path): \(words)", remedy: "give --output a file in a directory that can be written")
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporaryPath)
    }

    /// Finds out early, before any work is done for it, whether the output can be created at `path`.
    ///
    /// - Throws: ``TalkootError`` `cannot-create` when it cannot.
    static func probe(path: String) throws(TalkootError) {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw TalkootError(.cannotCreate, "cannot create \(path): it is a directory", remedy: "give --output the name of a file")
        }
        _ = try OutputFile(path: path)
    }

    /// Appends bytes.
    ///
    /// - Throws: ``TalkootError`` `input-output`, when the disk is full for instance.
    func append(_ bytes: [UInt8]) throws(TalkootError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + offset, bytes.count - offset) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("cannot write", path: path) }
            offset += count
        }
        byteCount += UInt64(bytes.count)
    }

    /// Makes the file durable and gives it its name, in place of a file that had it.
    ///
    /// - Throws: ``TalkootError`` `input-output` when syncing fails, `cannot-create` when renaming does.
    func commit() throws(TalkootError) {
        guard fsync(descriptor) == 0 else { throw .system("cannot write", path: path) }
        guard rename(temporaryPath, path) == 0 else {
            throw TalkootError(.cannotCreate, "cannot create \(path): \(String(cString: strerror(errno)).lowercased())")
        }
        close(descriptor)
        descriptor = -1
        let directory = open(Self.split(path).directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        // A file system that cannot sync a directory has nothing to lose by it.
        fsync(directory)
        close(directory)
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let directory = path[..<slash]
        return (directory.isEmpty ? "/" : String(directory), String(path[path.index(after: slash)...]))
    }
}
