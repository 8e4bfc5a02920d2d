import Glibc
import NIOCore
import TalkootCore

/// An open package file, read or written in parts by blocking calls, closed when nobody holds it any more.
final class PackageFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// Opens a package to be sent.
    ///
    /// - Throws: `.inputOutput` when it is not there or cannot be read.
    init(reading path: String) throws(TalkootError) {
        self.path = path
        descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("read", path) }
    }

    /// Makes a file for a package that comes in.
    ///
    /// - Throws: `.inputOutput` when it cannot be made.
    init(creating path: String) throws(TalkootError) {
        self.path = path
        descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("create", path) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The size, in bytes.
    ///
    /// - Throws: `.inputOutput` when it cannot be read.
    func size() throws(TalkootError) -> UInt64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure("read", path) }
        return UInt64(status.st_size)
    }

    /// Reads exactly `count` bytes at `offset`.
    ///
    /// - Throws: `.inputOutput` when they are not there or cannot be read.
    func read(_ count: Int, at offset: UInt64) throws(TalkootError) -> ByteBuffer {
        var buffer = ByteBuffer()
        while buffer.readableBytes < count {
            let (done, missing) = (buffer.readableBytes, count - buffer.readableBytes)
            let got = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { space in
                max(0, pread(descriptor, space.baseAddress, missing, off_t(offset) + off_t(done)))
            }
            guard got > 0 else { throw Self.failure("read", path) }
        }
        return buffer
    }

    /// Writes all of the bytes at `offset`.
    ///
    /// - Throws: `.inputOutput` when the disk is full or fails.
    func write(_ bytes: ByteBuffer, at offset: UInt64) throws(TalkootError) {
        var written = 0
        while written < bytes.readableBytes {
            let count = bytes.withUnsafeReadableBytes { all in
                pwrite(descriptor, all.baseAddress?.advanced(by: written), all.count - written, off_t(offset) + off_t(written))
            }
            guard count > 0 else { throw Self.failure("write", path) }
            written += count
        }
    }

    private static func failure(_ what: String, _ path: String) -> TalkootError {
        TalkootError(.inputOutput, "cannot \(what) \(path): \(String(cString: strerror(errno)))", remedy: "check the tracker's disk")
    }
}
