import Glibc
import NIOCore
import Synchronization
import TalkootCore

/// A new file that is written from its start to its end and then synced to disk; removed when it is not finished.
final class SyncedFile: Sendable {
    private let path: String
    private let descriptor: Mutex<CInt>

    /// Creates the file; it must not exist.
    ///
    /// - Throws: ``TalkootError`` with code `cannotCreate`.
    init(creating path: String, mode: mode_t) throws(TalkootError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw PrivateFile.failure(.cannotCreate, "cannot create \(path)") }
        self.path = path
        self.descriptor = Mutex(descriptor)
    }

    /// Appends bytes.
    ///
    /// - Throws: ``TalkootError`` with code `inputOutput`.
    func append(_ bytes: ByteBuffer) throws(TalkootError) {
        let descriptor = descriptor.withLock(\.self)
        guard bytes.withUnsafeReadableBytes({ Self.writeAll($0, to: descriptor) }) else {
            throw PrivateFile.failure(.inputOutput, "cannot write \(path)")
        }
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }

    /// Syncs and closes.
    ///
    /// - Throws: ``TalkootError`` with code `inputOutput`.
    func finish() throws(TalkootError) {
        guard fsync(descriptor.withLock(\.self)) == 0 else { throw PrivateFile.failure(.inputOutput, "cannot write \(path)") }
        closeOnce()
    }

    /// Closes and removes what was written.
    func discard() {
        closeOnce()
        unlink(path)
    }

    private func closeOnce() {
        let open = descriptor.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
        if open >= 0 { close(open) }
    }
}
