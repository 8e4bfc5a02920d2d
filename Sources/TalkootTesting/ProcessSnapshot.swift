import Foundation
import Glibc

/// What a process holds of the system at one moment: to see that what was started and ended left nothing behind.
public struct ProcessSnapshot: Hashable, Sendable {
    /// Open descriptors.
    public var descriptors: Int
    /// Child processes, those that nobody has waited for included.
    public var children: Int
    /// Mounts that it sees.
    public var mounts: Int
    /// Control groups that it made.
    public var groups: Int
    /// Threads.
    public var threads: Int
    /// Mappings in its memory.
    public var mappings: Int
    /// Memory that is resident, in bytes.
    public var residentBytes: Int

    /// The state of this process now. A few milliseconds.
    public static func take() -> ProcessSnapshot {
        ProcessSnapshot(
            descriptors: entries("/proc/self/fd").count, children: childCount(), mounts: lines("/proc/self/mountinfo").count,
            groups: groupCount(), threads: entries("/proc/self/task").count, mappings: lines("/proc/self/maps").count,
            residentBytes: resident())
    }

    /// Whether this process holds what it held then: hundreds of things that each left something would show. A few threads and
    /// mappings come and go with the runtime.
    public func isClean(since before: ProcessSnapshot) -> Bool {
        descriptors == before.descriptors && children == before.children && mounts == before.mounts && groups == before.groups
            && threads <= before.threads + 8 && mappings <= before.mappings + 64 && residentBytes < before.residentBytes + 4 << 20
    }

    private static func entries(_ path: String) -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

    private static func lines(_ path: String) -> [Substring] {
        (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n") ?? []
    }

    private static func childCount() -> Int {
        let own = String(getpid())
        return entries("/proc").count { name in
            guard name.first?.isNumber == true, let text = lines("/proc/\(name)/stat").first else { return false }
            // The name in brackets may hold anything; the state and the parent follow it.
            return text.split(separator: ")").last?.split(separator: " ").dropFirst().first.map(String.init) == own
        }
    }

    /// The directories in any hierarchy below those that carry this process's number.
    private static func groupCount() -> Int {
        let mark = "/talkoot-\(getpid())."
        return FileManager.default.enumerator(at: URL(fileURLWithPath: "/sys/fs/cgroup"), includingPropertiesForKeys: [.isDirectoryKey])?
            .count { ($0 as? URL)?.path.contains(mark) == true && ($0 as? URL)?.hasDirectoryPath == true } ?? 0
    }

    private static func resident() -> Int {
        let pages = lines("/proc/self/statm").first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (pages ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
