import CTalkootSystem
import Glibc
import TalkootCore

/// The look at a cell from outside, before any of the module's code runs: what the kernel says about it, not what it says itself.
struct ConfinementCheck: Sendable {
    private static let kinds = ["pid", "net", "ipc", "mnt", "uts", "cgroup", "user"]
    private let ownLinks: [String: String]

    init() {
        ownLinks = Dictionary(uniqueKeysWithValues: Self.kinds.map { ($0, SymbolicLink.target("/proc/self/ns/\($0)")) })
    }

    /// The first thing that is not as it has to be, or nil. About 50 us.
    func fault(process: pid_t, layers: LayerSet, user: UInt32) -> String? {
        let lines = Self.lines("/proc/\(process)/status")
        guard lines["NoNewPrivs"] == "1" else { return "it can still gain privileges" }
        let isPrivileged = layers.contains(.ownUser) || layers.contains(.userNamespace)
        for name in ["CapInh", "CapPrm", "CapEff", "CapAmb"] + (isPrivileged ? ["CapBnd"] : []) {
            guard let value = lines[name[...]], value.allSatisfy({ $0 == "0" }) else { return "\(name) is not empty" }
        }
        let expected = layers.contains(.ownUser) ? user : geteuid()
        guard let users = lines["Uid"], users.split(separator: "\t").allSatisfy({ $0 == String(expected) }) else {
            return "it runs as the wrong user"
        }
        guard layers.contains(.namespaces) else { return nil }
        for kind in Self.kinds where kind != "user" || layers.contains(.userNamespace) {
            let link = SymbolicLink.target("/proc/\(process)/ns/\(kind)")
            if link.isEmpty || link == ownLinks[kind] { return "it shares the \(kind) namespace" }
        }
        return nil
    }

    /// The file's `Name:<tab>value` lines; empty when it cannot be read.
    private static func lines(_ path: String) -> [Substring: Substring] {
        let file = Descriptor(open(path, O_RDONLY | O_CLOEXEC))
        guard file.number >= 0 else { return [:] }
        let text = withUnsafeTemporaryAllocation(byteCount: 8192, alignment: 1) { buffer in
            let count = read(file.number, buffer.baseAddress, buffer.count)
            return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
        }
        var lines: [Substring: Substring] = [:]
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == 9 || $0 == 32 }
            lines[Substring(line[..<colon])] = Substring(value)
        }
        return lines
    }
}
