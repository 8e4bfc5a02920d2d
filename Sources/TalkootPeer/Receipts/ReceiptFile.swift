import Glibc
import NIOCore
public import TalkootCore
import TalkootProtocol

/// A file of receipts, one JSON line each, that only grows. A line that a crash cut short is taken away before the next is written.
public struct ReceiptFile: Sendable {
    /// The most that a file may have, in bytes, if nothing else is said.
    public static let limitBytes = 256 << 20

    /// Where it is.
    public let path: String
    private let limitBytes: Int

    /// The file at a path, which need not exist. One that is fuller than that takes no more.
    public init(path: String, limitBytes: Int = limitBytes) { (self.path, self.limitBytes) = (path, limitBytes) }

    /// All receipts, in order; none when there is no file.
    ///
    /// - Throws: ``TalkootError`` with code `badData` naming the line that is no receipt, `inputOutput` when it cannot be read.
    public func read() throws(TalkootError) -> [Receipt] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return [] }
            throw PrivateFile.failure(.inputOutput, "cannot read \(path)")
        }
        defer { close(descriptor) }
        return try receipts(try bytes(descriptor))
    }

    /// Looks at what is there and appends what is to come after it, synced to disk; nobody else writes meanwhile.
    ///
    /// - Throws: ``TalkootError`` as ``read()``, `cannotCreate` when there can be no file, `inputOutput` when the disk is full: then
    ///   nothing was appended. What `more` throws.
    @discardableResult
    public func append(_ more: ([Receipt]) throws(TalkootError) -> [Receipt]) throws(TalkootError) -> [Receipt] {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw PrivateFile.failure(.cannotCreate, "cannot create \(path)") }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw PrivateFile.failure(.inputOutput, "cannot lock \(path)") }
        }
        let old = try bytes(descriptor)
        let whole = old.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let added = try more(try receipts(Array(old[..<whole])))
        guard !added.isEmpty else { return [] }
        var text = ByteBuffer()
        for receipt in added {
            MessageCodec.write(.receipt(receipt), into: &text)
            text.writeStaticString("\n")
        }
        let isWritten =
            whole + text.readableBytes <= limitBytes && ftruncate(descriptor, off_t(whole)) == 0
            && Self.write(text, to: descriptor, at: whole) && fsync(descriptor) == 0
        guard isWritten else {
            let failure = PrivateFile.failure(.inputOutput, "cannot write \(path)")
            ftruncate(descriptor, off_t(whole))
            throw failure
        }
        return added
    }

    private func bytes(_ descriptor: CInt) throws(TalkootError) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &part, part.count, off_t(bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw PrivateFile.failure(.inputOutput, "cannot read \(path)") }
            guard count > 0 else { return bytes }
            bytes += part[..<count]
            guard bytes.count <= limitBytes else {
                throw TalkootError(
                    .badData, "\(path) is larger than \(NumberText.size(UInt64(limitBytes)))", remedy: "move it away, a new one is begun")
            }
        }
    }

    private func receipts(_ bytes: [UInt8]) throws(TalkootError) -> [Receipt] {
        var receipts: [Receipt] = []
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard line.count <= Limits.lineBytes, case .success(.receipt(let receipt)) = MessageCodec.decode(ByteBuffer(bytes: line)) else {
                throw TalkootError(.badData, "line \(number + 1) of \(path) is no receipt", remedy: "restore the file from a copy")
            }
            receipts.append(receipt)
        }
        return receipts
    }

    private static func write(_ text: ByteBuffer, to descriptor: CInt, at start: Int) -> Bool {
        text.withUnsafeReadableBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = pwrite(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(start + done))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }
}
