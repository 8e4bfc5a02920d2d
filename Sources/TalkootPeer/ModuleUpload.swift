import Glibc
import NIOCore
import Synchronization
import TalkootCore
import TalkootProtocol

/// A package file, read in parts while it is sent.
final class ModuleUpload: Sendable {
    /// The size of a part, in bytes.
    static let partBytes = 256 << 10

    /// The file's size, in bytes.
    let bytes: UInt64
    private let path: String
    private let descriptor: CInt
    private let left: Mutex<UInt64>

    /// Opens a file.
    ///
    /// - Throws: ``TalkootError`` with code `notFound` or `inputOutput`, `badData` when it is larger than ``Limits/packageBytes``.
    init(path: String) throws(TalkootError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw PrivateFile.failure(errno == ENOENT ? .notFound : .inputOutput, "cannot read \(path)") }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_size > 0, UInt64(facts.st_size) <= Limits.packageBytes else {
            close(descriptor)
            throw TalkootError(.badData, "\(path) is empty or larger than \(Limits.packageBytes) bytes")
        }
        self.path = path
        self.descriptor = descriptor
        bytes = UInt64(facts.st_size)
        left = Mutex(bytes)
    }

    deinit { close(descriptor) }

    /// The next part; `nil` at the end.
    ///
    /// - Throws: ``TalkootError`` with code `inputOutput` when the file cannot be read or became shorter.
    func next() throws(TalkootError) -> ByteBuffer? {
        let length = left.withLock { Int(min($0, UInt64(Self.partBytes))) }
        guard length > 0 else { return nil }
        var part = ByteBuffer()
        let got = part.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { space in
            max(0, read(descriptor, space.baseAddress, length))
        }
        guard got > 0 else { throw PrivateFile.failure(.inputOutput, "\(path) cannot be read to its end") }
        left.withLock { $0 -= UInt64(got) }
        return part
    }
}
