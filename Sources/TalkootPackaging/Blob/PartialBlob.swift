import Glibc
import Synchronization
public import TalkootCore

/// A blob that comes chunk by chunk, in three files named by it: the content (`.part`, sparse; `.blob` when complete), a bit for each chunk
/// that is there (`.map`), and the list of digests (`.list`).
///
/// The map is a hint and is never believed: a chunk that it names is hashed again when the blob is opened. So a `kill -9`, a full disk or a
/// loss of power costs the chunks that it hit and no more. Chunks are kept by one thread, read by any.
public final class PartialBlob: Sendable {
    /// The digests that the content is held against.
    public let list: ChunkList
    /// The chunks that are here, each of them hashed.
    public var held: ChunkSet { kept.withLock { $0 } }
    private let kept: Mutex<ChunkSet>
    private let stem: String
    private let descriptor: Int32
    private let map: Int32

    /// Opens what there is of a blob, or makes room for it. Hashes what is there. Whoever opens it must be the only one.
    ///
    /// - Throws: ``TalkootError`` `input-output` or `cannot-create` when the directory cannot be used.
    public init(_ list: ChunkList, directory: String) throws(TalkootError) {
        self.list = list
        let stem = "\(directory)/\(list.name)"
        self.stem = stem
        try Files.makeDirectories(directory)
        if !Files.isFile(stem + ".list") { try Files.write(list.bytes, to: stem + ".list", mode: 0o600) }
        let isComplete = Files.isFile(stem + ".blob")
        let path = stem + (isComplete ? ".blob" : ".part")
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFault.error(errno, "cannot keep", path, creating: true) }
        map = open(stem + ".map", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard map >= 0 else {
            let number = errno
            close(descriptor)
            throw FileFault.error(number, "cannot keep", stem + ".map", creating: true)
        }
        kept = Mutex(ChunkSet(bound: list.layout.count))
        for chunk in claimed(isComplete: isComplete).members {
            guard let bytes = try? read(list.layout.range(of: chunk)), list.verifies(bytes, of: chunk) else { continue }
            kept.withLock { $0.insert(chunk) }
        }
        let found = held.bytes
        _ = pwrite(map, found, found.count, 0)
    }

    deinit {
        close(descriptor)
        close(map)
    }

    /// The list of a blob that was begun here; `nil` when there is none, or it is damaged.
    public static func list(name: Digest, layout: ChunkLayout, directory: String) -> ChunkList? {
        guard let bytes = try? Files.read("\(directory)/\(name).list", limitBytes: Int(ChunkList.byteCount(layout))) else { return nil }
        return ChunkList(bytes, name: name, layout: layout)
    }

    /// Keeps a chunk when it is the right one. With the last one the file is synced and gets its final name.
    ///
    /// - Returns: whether it is the right one.
    /// - Throws: ``TalkootError`` `input-output` when it cannot be written.
    public func keep(_ bytes: [UInt8], as chunk: Int) throws(TalkootError) -> Bool {
        guard list.verifies(bytes, of: chunk) else { return false }
        if held.contains(chunk) { return true }
        var done = 0
        let start = Int(list.layout.range(of: chunk).lowerBound)
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done, off_t(start + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileFault.error(count < 0 ? errno : EIO, "cannot write", stem + ".part") }
            done += count
        }
        let (bits, isFull) = kept.withLock { kept in
            kept.insert(chunk)
            return (kept.bytes, kept.isFull)
        }
        _ = pwrite(map, bits, bits.count, 0)
        if isFull { try finish() }
        return true
    }

    /// Reads bytes whose chunks are all held.
    ///
    /// - Throws: ``TalkootError`` `input-output` when they cannot be read.
    public func read(_ range: Range<UInt64>) throws(TalkootError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let got = pread(descriptor, buffer.baseAddress! + count, range.count - count, off_t(range.lowerBound) + off_t(count))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else {
                    failure = got < 0 ? errno : EIO
                    return
                }
                count += got
            }
        }
        guard bytes.count == range.count else { throw FileFault.error(failure, "cannot read", stem) }
        return bytes
    }

    /// Removes the files of a blob.
    public static func remove(name: Digest, directory: String) {
        for suffix in [".part", ".blob", ".map", ".list"] { unlink("\(directory)/\(name)\(suffix)") }
    }

    private func finish() throws(TalkootError) {
        guard fsync(descriptor) == 0 else { throw FileFault.error(errno, "cannot write", stem + ".part") }
        if Files.isFile(stem + ".part") { try Files.rename(stem + ".part", to: stem + ".blob") }
    }

    private func claimed(isComplete: Bool) -> ChunkSet {
        if isComplete { return .full(bound: list.layout.count) }
        let count = (list.layout.count + 7) / 8
        var bytes = [UInt8](repeating: 0, count: count)
        guard pread(map, &bytes, count, 0) == count, let claimed = ChunkSet(bytes: bytes, bound: list.layout.count) else {
            return ChunkSet(bound: list.layout.count)
        }
        return claimed
    }
}
