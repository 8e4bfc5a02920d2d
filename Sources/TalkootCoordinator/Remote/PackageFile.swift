import Glibc
import TalkootCore

/// The module's package, open for volunteers who fetch it.
final class PackageFile: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Opens the package.
    ///
    /// - Throws: ``TalkootError`` `not-found` or `input-output` when it cannot be read.
    init(path: String) throws(TalkootError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("cannot read the module", path: path) }
    }

    deinit { close(descriptor) }

    /// Reads a range of bytes.
    ///
    /// - Throws: ``TalkootError`` `input-output` when it cannot be read or is shorter.
    func read(_ range: Range<UInt64>) throws(TalkootError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let got = pread(descriptor, buffer.baseAddress! + count, range.count - count, Int(range.lowerBound) + count)
                if got < 0, errno == EINTR { continue }
                guard got > 0 else {
                    failure = got < 0 ? errno : EIO
                    return
                }
                count += got
            }
        }
        guard bytes.count == range.count else { throw .system("cannot read the module", path: path, error: failure) }
        return bytes
    }
}
