import Glibc
import Synchronization
public import TalkootCore

/// A directory of capsules, of a bounded number and size: the oldest go first.
///
/// A module that fails again and again must not wear out the owner's disk: each unit is written once, and at most
/// ``jobLimit`` units of a job, for as long as this object lives.
public final class CapsuleStore: Sendable {
    /// The most capsules in a directory.
    public static let countLimit = 64
    /// The most bytes of all capsules in a directory.
    public static let limitBytes: UInt64 = 256 << 20
    /// The most capsules that one job writes.
    public static let jobLimit = 8
    /// How the file's name ends.
    public static let suffix = ".talkoot-capsule"
    /// The most jobs whose writing is remembered.
    private static let memory = 4096

    /// Where they lie; made with the first one.
    public let directory: String
    /// Who writes them, for the capsule: `talkoot/0.1.0`.
    public let program: String
    private let written = Mutex<[JobID: Set<UInt64>]>([:])

    /// Keeps capsules in this directory, which need not exist.
    public init(directory: String, program: String) {
        self.directory = directory
        self.program = program
    }

    /// Where the capsule of a unit is or would be.
    public func path(job: JobID, unit: UInt64) -> String { "\(directory)/\(job)-\(unit)\(Self.suffix)" }

    /// Writes a capsule, readable by its owner alone, and removes the oldest ones that are too many.
    ///
    /// - Returns: whether it was written; not when the job has written enough, and not when the disk does not take it: a capsule is a
    ///   comfort, and its lack no reason for anything to fail.
    @discardableResult
    public func keep(_ capsule: Capsule) -> Bool {
        guard isDue(capsule) else { return false }
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { return false }
        let path = path(job: capsule.job, unit: capsule.unit)
        let temporary = "\(path).\(getpid()).new"
        guard Self.write(capsule.bytes, to: temporary), rename(temporary, path) == 0 else {
            unlink(temporary)
            return false
        }
        prune()
        return true
    }

    /// Reads a capsule from anywhere.
    ///
    /// - Throws: ``TalkootError`` `notFound` when there is no such file, `inputOutput` when it cannot be read, `badData` when it is no
    ///   capsule.
    public static func read(_ path: String) throws(TalkootError) -> Capsule {
        let file = Descriptor(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK))
        guard file.number >= 0 else {
            let error = errno
            throw TalkootError(
                error == ENOENT ? .notFound : .inputOutput, "cannot open \(path): \(SystemMessage.text(error))",
                remedy: "capsules lie in `capsules` of the home")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while bytes.count <= Capsule.limitBytes {
            let count = Glibc.read(file.number, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw TalkootError(.inputOutput, "cannot read \(path): \(SystemMessage.text(errno))") }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return try Capsule(bytes: bytes)
    }

    private func isDue(_ capsule: Capsule) -> Bool {
        written.withLock { written in
            if written.count >= Self.memory, written[capsule.job] == nil { return false }
            var units = written[capsule.job] ?? []
            guard units.count < Self.jobLimit, units.insert(capsule.unit).inserted else { return false }
            written[capsule.job] = units
            return true
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) -> Bool {
        let file = Descriptor(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600))
        guard file.number >= 0 else { return false }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress?.advanced(by: done), bytes.count - done) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    private struct Entry {
        var path: String
        var changed: Int
        var sizeBytes: UInt64
    }

    /// Removes the oldest files until number and size are within their limits; what a killed process left half written counts.
    private func prune() {
        var entries = entries().sorted { ($0.changed, $0.path) > ($1.changed, $1.path) }
        var total = entries.reduce(0) { $0 + $1.sizeBytes }
        while entries.count > Self.countLimit || total > Self.limitBytes, let oldest = entries.popLast() {
            unlink(oldest.path)
            total -= oldest.sizeBytes
        }
    }

    private func entries() -> [Entry] {
        guard let listing = opendir(directory) else { return [] }
        defer { closedir(listing) }
        var entries: [Entry] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.contains(Self.suffix) else { continue }
            var status = stat()
            guard lstat("\(directory)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            let changed = status.st_mtim.tv_sec * 1_000_000 + status.st_mtim.tv_nsec / 1000
            entries.append(Entry(path: "\(directory)/\(name)", changed: changed, sizeBytes: UInt64(max(0, status.st_size))))
        }
        return entries
    }
}
