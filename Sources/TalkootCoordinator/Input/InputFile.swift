import Glibc
import Synchronization
import TalkootCore

/// What tells that a file is still the one that was indexed.
struct FileIdentity: Hashable, Sendable, Codable {
    /// The size, in bytes.
    var byteCount: UInt64
    /// The time of the last change of its content, in nanoseconds since 1970.
    var modified: Int64
    /// The device and inode.
    var device: UInt64
    var inode: UInt64
}

/// A job's input: an open file with its index. Any thread may read.
///
/// It is read with `pread` in pieces, never mapped: a file that shrinks underneath must not end the process.
final class InputFile: Sendable {
    /// How much is read at once while indexing, in bytes.
    static let pieceBytes = 1 << 20

    /// The path it was opened by.
    let path: String
    /// Where its items are.
    let index: InputIndex
    /// What it was when it was opened.
    let identity: FileIdentity

    private let descriptor: Int32
    /// The item found last: the next lease usually begins where the last one ended.
    private let lastFound = Mutex(InputIndex.Entry(item: 0, offset: 0))

    /// Opens and indexes a file; costs one pass over it for lines, nothing for records and blocks.
    ///
    /// - Throws: ``TalkootError`` `not-found`, `input-output` when it cannot be read, `bad-data` when it is not a regular file
    ///   or not a whole number of records.
    init(path: String, kind: InputKind) throws(TalkootError) {
        self.path = path
        descriptor = try Self.openForReading(path)
        do {
            identity = try Self.identity(of: descriptor, path: path)
            index = try Self.index(descriptor, path: path, kind: kind, byteCount: identity.byteCount)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// The bytes in which a run of items lies.
    ///
    /// - Throws: ``TalkootError`` `input-output` when reading fails, `bad-data` when the file was changed.
    func byteRange(ofItems items: Range<UInt64>) throws(TalkootError) -> Range<UInt64> {
        let start = try offset(of: items.lowerBound)
        return start..<(try offset(of: items.upperBound))
    }

    /// Reads a range of bytes, which must lie inside the file.
    ///
    /// - Throws: ``TalkootError`` `input-output` when reading fails, `bad-data` when the file was changed.
    func read(_ range: Range<UInt64>) throws(TalkootError) -> [UInt8] {
        try checkUnchanged()
        var failure: TalkootError?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            do throws(TalkootError) {
                try Self.fill(descriptor, UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound, path: path)
                count = range.count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Holds the file against what it was when it was opened.
    ///
    /// - Throws: ``TalkootError`` `bad-data` when its size or time of change differ.
    func checkUnchanged() throws(TalkootError) {
        guard try Self.identity(of: descriptor, path: path) == identity else { throw Self.changed(path) }
    }

    /// The error for a file that is no longer what it was.
    static func changed(_ path: String) -> TalkootError {
        TalkootError(
            .badData, "the input \(path) was changed while the job was under way",
            remedy: "put the original file back and resume, or run the job anew")
    }

    private func offset(of item: UInt64) throws(TalkootError) -> UInt64 {
        var entry = index.nearest(to: item)
        let last = lastFound.withLock { $0 }
        if last.item <= item, last.item > entry.item { entry = last }
        var scanner = ItemScanner(kind: index.kind)
        while entry.item < item {
            let bytes = try read(entry.offset..<min(entry.offset + InputIndex.initialStride, index.byteCount))
            guard !bytes.isEmpty else { throw Self.changed(path) }
            let step = bytes.withUnsafeBytes { scanner.scan($0, items: item - entry.item) }
            entry.item += step.items
            entry.offset += UInt64(step.bytes)
        }
        lastFound.withLock { $0 = entry }
        return entry.offset
    }

    private static func index(
        _ descriptor: Int32, path: String, kind: InputKind, byteCount: UInt64
    ) throws(TalkootError) -> InputIndex {
        switch kind {
        case .none: return InputIndex(kind: kind, byteCount: 0, items: 0, entries: [])
        case .bytes(let size):
            let items = byteCount / size + (byteCount % size == 0 ? 0 : 1)
            return InputIndex(kind: kind, byteCount: byteCount, items: items, entries: [])
        case .records(let size):
            guard byteCount % size == 0 else {
                throw TalkootError(
                    .badData, "the input \(path) has \(byteCount) bytes, which is not a whole number of records of \(size) bytes",
                    remedy: "give an input that is a whole number of records")
            }
            return InputIndex(kind: kind, byteCount: byteCount, items: byteCount / size, entries: [])
        case .lines: return try scan(descriptor, path: path, kind: kind, byteCount: byteCount)
        }
    }

    private static func scan(
        _ descriptor: Int32, path: String, kind: InputKind, byteCount: UInt64
    ) throws(TalkootError) -> InputIndex {
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 4096)
        defer { buffer.deallocate() }
        var builder = InputIndexBuilder(kind: kind)
        var offset: UInt64 = 0
        while offset < byteCount {
            let count = Int(min(UInt64(pieceBytes), byteCount - offset))
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
            try fill(descriptor, piece, at: offset, path: path)
            builder.append(UnsafeRawBufferPointer(piece))
            offset += UInt64(count)
        }
        return try builder.finish()
    }
}

// MARK: System calls

extension InputFile {
    /// The identity of the file now at `path`, for a comparison at resume.
    ///
    /// - Throws: ``TalkootError`` `not-found` or `input-output` when it cannot be read.
    static func identity(path: String) throws(TalkootError) -> FileIdentity {
        let descriptor = try openForReading(path)
        defer { close(descriptor) }
        return try identity(of: descriptor, path: path)
    }

    private static func openForReading(_ path: String) throws(TalkootError) -> Int32 {
        // Non-blocking, so that a FIFO given by mistake is refused below and not waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system("cannot read the input", path: path) }
        return descriptor
    }

    private static func identity(of descriptor: Int32, path: String) throws(TalkootError) -> FileIdentity {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("cannot read the input", path: path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TalkootError(.badData, "the input \(path) is not a regular file", remedy: "write it to a file and give that")
        }
        return FileIdentity(
            byteCount: UInt64(status.st_size),
            modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    private static func fill(
        _ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: UInt64, path: String
    ) throws(TalkootError) {
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, Int(offset) + done)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system("cannot read the input", path: path) }
            guard count > 0 else { throw changed(path) }
            done += count
        }
    }
}
