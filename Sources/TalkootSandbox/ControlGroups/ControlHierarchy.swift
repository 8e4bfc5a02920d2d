/// A hierarchy of control groups, with the directory of this process's own group in it. Pure: made from what the kernel's files say.
struct ControlHierarchy: Hashable, Sendable {
    /// Which of the kernel's two interfaces it has.
    enum Version: Hashable, Sendable {
        /// One or a few controllers, their names.
        case legacy(Set<String>)
        /// All controllers that are in no legacy hierarchy.
        case unified
    }

    var version: Version
    var ownDirectory: String

    /// The hierarchies that can be reached, legacy ones first.
    ///
    /// - Parameters:
    ///   - memberships: /proc/self/cgroup.
    ///   - mounts: /proc/self/mountinfo.
    static func all(memberships: String, mounts: String) -> [ControlHierarchy] {
        let places = mounts.split(separator: "\n").compactMap(Mount.init)
        let found = memberships.split(separator: "\n").compactMap { line -> ControlHierarchy? in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            if parts[0] == "0", parts[1].isEmpty { return hierarchy(.unified, path: parts[2], among: places) }
            let controllers = Set(parts[1].split(separator: ",").filter { !$0.hasPrefix("name=") }.map(String.init))
            return controllers.isEmpty ? nil : hierarchy(.legacy(controllers), path: parts[2], among: places)
        }
        return found.filter { $0.version != .unified } + found.filter { $0.version == .unified }
    }

    private static func hierarchy(_ version: Version, path: Substring, among mounts: [Mount]) -> ControlHierarchy? {
        for mount in mounts where mount.shows(version) {
            if let directory = mount.directory(of: path) { return ControlHierarchy(version: version, ownDirectory: directory) }
        }
        return nil
    }
}

/// A line of /proc/self/mountinfo that shows control groups: proc(5).
private struct Mount {
    let isUnified: Bool
    let controllers: Set<String>
    /// The group that is shown at `point`.
    let root: String
    let point: String

    init?(_ line: Substring) {
        let fields = line.split(separator: " ")
        guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count >= dash + 4 else { return nil }
        switch fields[dash + 1] {
        case "cgroup2": isUnified = true
        case "cgroup": isUnified = false
        default: return nil
        }
        controllers = Set(fields[dash + 3].split(separator: ",").map(String.init))
        root = Self.plain(fields[3])
        point = Self.plain(fields[4])
    }

    func shows(_ version: ControlHierarchy.Version) -> Bool {
        switch version {
        case .unified: isUnified
        case .legacy(let wanted): !isUnified && wanted.isSubset(of: controllers)
        }
    }

    /// Where a group lies in the file system; nil when it is outside of what is mounted.
    func directory(of path: Substring) -> String? {
        guard !path.split(separator: "/").contains("..") else { return nil }
        if path == root { return point }
        if root == "/" { return point + path }
        return path.hasPrefix(root + "/") ? point + path.dropFirst(root.count) : nil
    }

    /// Spaces and the like are written as three octal digits after a backslash.
    private static func plain(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let first = rest.popFirst() {
            let digits = rest.prefix(3)
            if first == UInt8(ascii: "\\"), digits.count == 3, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(first)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
