import CTalkootSystem
import Glibc
import Synchronization
import TalkootCore

/// The look at a cell from outside, before any of the module's code runs: what the kernel says about it, not what it says itself.
final class ConfinementCheck: Sendable {
    private static let kinds = ["pid", "net", "ipc", "mnt", "uts", "cgroup", "user"]
    private let ownLinks: [String: String]
    /// Sets of layers with which a cell had every namespace of its own. The kernel makes all that one call asks for, or none; so of
    /// later cells the number of process namespaces is enough.
    private let seen = Mutex<Set<LayerSet>>([])

    init() {
        ownLinks = Dictionary(uniqueKeysWithValues: Self.kinds.map { ($0, SymbolicLink.target("/proc/self/ns/\($0)")) })
    }

    /// The first thing that is not as it has to be, or nil. About 50 us, the first time with a set of layers 100.
    func fault(process: pid_t, layers: LayerSet, user: UInt32) -> String? {
        let status = Self.read("/proc/\(process)/status")
        func value(_ name: StaticString) -> Substring? { Self.value(name, in: status) }
        guard value("NoNewPrivs") == "1" else { return "it can still gain privileges" }
        let isPrivileged = layers.contains(.ownUser) || layers.contains(.userNamespace)
        for name: StaticString in ["CapInh", "CapPrm", "CapEff", "CapAmb"] + (isPrivileged ? ["CapBnd"] : []) {
            guard let value = value(name), value.utf8.allSatisfy({ $0 == UInt8(ascii: "0") }) else { return "\(name) is not empty" }
        }
        let expected = layers.contains(.ownUser) ? user : geteuid()
        guard let users = value("Uid"), users.split(separator: "\t").allSatisfy({ $0 == String(expected) }) else {
            return "it runs as the wrong user"
        }
        guard layers.contains(.namespaces) else { return nil }
        guard let numbers = value("NSpid"), numbers.split(separator: "\t").count > 1 else { return "it shares the pid namespace" }
        if seen.withLock({ $0.contains(layers) }) { return nil }
        for kind in Self.kinds where kind != "user" || layers.contains(.userNamespace) {
            let link = SymbolicLink.target("/proc/\(process)/ns/\(kind)")
            if link.isEmpty || link == ownLinks[kind] { return "it shares the \(kind) namespace" }
        }
        _ = seen.withLock { $0.insert(layers) }
        return nil
    }

    /// The start of a file; empty when it cannot be read.
    private static func read(_ path: String) -> [UInt8] {
        let file = Descriptor(open(path, O_RDONLY | O_CLOEXEC))
        guard file.number >= 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
            count = max(0, Glibc.read(file.number, buffer.baseAddress, buffer.count))
        }
    }

    /// What follows `name:` and blanks at the start of a line.
    private static func value(_ name: StaticString, in text: [UInt8]) -> Substring? {
        let wanted = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            let line = text[start..<end]
            if line.starts(with: wanted), let colon = line.dropFirst(wanted.count).first, colon == UInt8(ascii: ":") {
                let value = line.dropFirst(wanted.count + 1).drop { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
                return Substring(decoding: value, as: UTF8.self)
            }
            start = end + 1
        }
        return nil
    }
}
