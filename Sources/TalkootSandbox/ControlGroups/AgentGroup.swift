import Glibc
import Synchronization

/// The directory, in one hierarchy, that holds the control groups of one launcher's cells. Gone with its last owner.
///
/// It is locked as long as its agent lives: a directory that nobody has locked belongs to an agent that was killed.
final class AgentGroup: Sendable {
    private static let prefix = "talkoot-"
    private static let count = Atomic<Int>(0)

    let directory: String
    private let lock: Descriptor

    /// - Throws: the errno of the step that failed.
    init(in home: String) throws(SystemFault) {
        Self.removeStale(in: home)
        let number = Self.count.add(1, ordering: .relaxed).newValue
        let directory = "\(home)/\(Self.prefix)\(getpid()).\(number)"
        guard mkdir(directory, 0o755) == 0 else { throw SystemFault(errno) }
        let lock = Descriptor(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        guard lock.number >= 0, flock(lock.number, LOCK_EX | LOCK_NB) == 0 else {
            let error = errno
            rmdir(directory)
            throw SystemFault(error)
        }
        self.directory = directory
        self.lock = lock
    }

    deinit { Self.remove(directory) }

    /// Removes what killed agents left behind; their cells died with them.
    private static func removeStale(in home: String) {
        for name in names(in: home) where name.hasPrefix(prefix) && name != ControlGroupPlan.leafName {
            let directory = "\(home)/\(name)"
            let file = Descriptor(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
            guard file.number >= 0, flock(file.number, LOCK_EX | LOCK_NB) == 0 else { continue }
            remove(directory)
        }
    }

    /// Removes a directory with the groups inside.
    private static func remove(_ directory: String) {
        for name in names(in: directory) { rmdir("\(directory)/\(name)") }
        rmdir(directory)
    }

    /// The groups inside a group.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

/// A system call that failed.
struct SystemFault: Error, Hashable {
    let error: Int32

    init(_ error: Int32) { self.error = error }
}
