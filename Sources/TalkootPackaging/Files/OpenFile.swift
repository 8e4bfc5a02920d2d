import Glibc
import TalkootCore

/// An open descriptor with its path, for errors that name the file.
struct OpenFile {
    let descriptor: Int32
    let path: String

    /// Opens an existing regular file for reading; never waits on a pipe or device.
    static func reading(_ path: String) throws(TalkootError) -> OpenFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileFault.error(errno, "cannot open", path) }
        let file = OpenFile(descriptor: descriptor, path: path)
        guard let status = file.status, status.st_mode & S_IFMT == S_IFREG else {
            file.close()
            throw TalkootError(.badData, "\(path) is not a regular file", remedy: "name a file")
        }
        return file
    }

    /// Creates a file that must not exist yet.
    static func creating(_ path: String, mode: mode_t) throws(TalkootError) -> OpenFile {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileFault.error(errno, "cannot create", path, creating: true) }
        return OpenFile(descriptor: descriptor, path: path)
    }

    private var status: stat? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status : nil
    }

    /// The size in bytes.
    var sizeBytes: Int { Int(status?.st_size ?? 0) }

    /// Reads up to the buffer's length; 0 at the end.
    func read(into buffer: inout [UInt8]) throws(TalkootError) -> Int {
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw FileFault.error(errno, "cannot read", path) }
        }
    }

    /// Writes all bytes.
    func write(_ bytes: [UInt8]) throws(TalkootError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done) }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileFault.error(errno, "cannot write", path)
            }
            done += count
        }
    }

    /// Waits until the content is on the disk.
    func synchronize() throws(TalkootError) {
        guard fsync(descriptor) == 0 else { throw FileFault.error(errno, "cannot write", path) }
    }

    func close() { _ = Glibc.close(descriptor) }
}

/// `errno` in words, with what to do.
enum FileFault {
    static func error(_ number: Int32, _ action: String, _ path: String, creating: Bool = false) -> TalkootError {
        let what = "\(action) \(path)"
        return switch number {
        case ENOENT where !creating, ENOTDIR where !creating:
            TalkootError(.notFound, "\(what): no such file", remedy: "check the path")
        case ENOSPC, EDQUOT:
            TalkootError(.inputOutput, "\(what): the disk is full", remedy: "free some space and try again")
        case EACCES, EPERM:
            TalkootError(creating ? .cannotCreate : .inputOutput, "\(what): permission denied", remedy: "check its owner and mode")
        case EROFS:
            TalkootError(.cannotCreate, "\(what): the file system is read-only", remedy: "choose another directory")
        default:
            TalkootError(creating ? .cannotCreate : .inputOutput, "\(what): \(String(cString: strerror(number)))")
        }
    }
}
