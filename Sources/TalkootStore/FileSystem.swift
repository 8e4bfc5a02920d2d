import Glibc
import TalkootCore

/// The few things the stores do to files besides SQLite's own, each durable when it returns.
enum FileSystem {
    /// Makes the directory and those above it, for the owner alone (0700); one that is there already is left as it is.
    static func makeDirectory(_ path: String) throws(TalkootError) {
        var made = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: true) {
            made += (made.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
            if mkdir(made, 0o700) == 0 { continue }
            let number = errno
            guard number == EEXIST || number == EROFS || number == EACCES, isDirectory(made) else {
                throw StoreFailure.system(number, "make the directory", made)
            }
        }
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Writes the file's data to the disk.
    static func synchronize(_ path: String) throws(TalkootError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreFailure.system(errno, "open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw StoreFailure.system(errno, "write out", path) }
    }

    /// Gives `temporary` its final name, which must be free or a file to replace, so that it holds after a power cut.
    static func publish(_ temporary: String, as path: String) throws(TalkootError) {
        try synchronize(temporary)
        guard rename(temporary, path) == 0 else { throw StoreFailure.system(errno, "create", path) }
        try synchronize(parent(of: path))
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A name beside `path` that nobody else uses.
    static func temporaryName(for path: String) -> String {
        var generator = SystemRandomNumberGenerator()
        return "\(path).\(String(generator.next(), radix: 36)).new"
    }
}
