import Glibc
import NIOCore
import TalkootCore

/// Small files that only their owner may read, replaced as a whole or not at all.
enum PrivateFile {
    /// The largest file that is read, in bytes.
    static let limitBytes = 64 << 10

    /// The file's text, or `nil` when there is none.
    ///
    /// - Throws: ``TalkootError`` with code `refused` when others may read the file, `inputOutput` when it cannot be read.
    static func read(_ path: String) throws(TalkootError) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw failure(.inputOutput, "cannot read \(path)") }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw failure(.inputOutput, "cannot read \(path)") }
        guard facts.st_mode & 0o077 == 0 else {
            throw TalkootError(.refused, "\(path) can be read by other users", remedy: "run chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: limitBytes)
        var count = 0
        while count < limitBytes {
            let start = count
            let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress?.advanced(by: start), limitBytes - start) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw failure(.inputOutput, "cannot read \(path)") }
            if got == 0 { break }
            count += got
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Writes a file with mode 0600: a temporary one beside it, synced, then renamed.
    ///
    /// - Throws: ``TalkootError`` with code `cannotCreate` or `inputOutput`.
    static func write(_ text: String, to path: String) throws(TalkootError) {
        let temporary = "\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let file = try SyncedFile(creating: temporary, mode: 0o600)
        do throws(TalkootError) {
            try file.append(ByteBuffer(string: text))
            try file.finish()
            guard rename(temporary, path) == 0 else { throw failure(.cannotCreate, "cannot write \(path)") }
        } catch {
            file.discard()
            throw error
        }
    }

    static func failure(_ code: TalkootError.Code, _ what: String) -> TalkootError {
        let number = errno
        let remedy =
            switch number {
            case ENOSPC, EDQUOT: "free some space on the disk"
            case EACCES, EPERM, EROFS: "check the permissions"
            case ENOENT: "check that the directory exists"
            default: ""
            }
        return TalkootError(code, "\(what): \(String(cString: strerror(number)))", remedy: remedy)
    }
}
