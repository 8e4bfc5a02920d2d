import TalkootCore

/// What the build of a module needs besides its sources: the field `build` of `module.yaml`. It is the author's affair alone: no part of the
/// manifest that goes into the package.
struct BuildSettings: Hashable {
    /// Static libraries that are linked in: the name `zstd` for the system's `libzstd.a`, or the path of a `.a` file in the module's directory.
    var libraries: [String] = []
    /// Directories of headers, in the module's directory.
    var include: [String] = []

    static let allowedLibrary =
        "a name such as zstd for the system's libzstd.a, or a path such as vendor/libmine.a in the module's directory"
    static let allowedDirectory = "a path in the module's directory, such as vendor/include"

    /// Reads the group `build`; nothing when it is missing.
    static func read(_ reader: FieldReader) throws(TalkootError) -> BuildSettings {
        var settings = BuildSettings()
        guard let group = try reader.group("build", known: ["libraries", "include"]) else { return settings }
        settings.libraries = try texts(group, "libraries", allowed: allowedLibrary) { isName($0) || ($0.hasSuffix(".a") && isInside($0)) }
        settings.include = try texts(group, "include", allowed: allowedDirectory, isInside)
        return settings
    }

    /// The words for the compiler, before the sources.
    func compiling(in directory: String) -> [String] { include.map { "-I\(directory)/\($0)" } }

    /// The words for the linker, after the sources.
    func linking(in directory: String) -> [String] { libraries.map { Self.isName($0) ? "-l:lib\($0).a" : "\(directory)/\($0)" } }

    /// The archives of the author's own, which count for what is up to date.
    func files(in directory: String) -> [String] { libraries.filter { !Self.isName($0) }.map { "\(directory)/\($0)" } }

    private static func texts(
        _ group: FieldReader, _ key: String, allowed: String, _ isAllowed: (String) -> Bool
    ) throws(TalkootError) -> [String] {
        var texts: [String] = []
        for node in try group.list(key, limit: PackageLimits.buildEntries) {
            guard case .scalar(let text, _) = node.content, isAllowed(text) else {
                throw group.fault(key, "holds \(node.kind)", allowed: allowed)
            }
            texts.append(text)
        }
        return texts
    }

    /// `[a-z0-9][a-zA-Z0-9+_-]{0,62}`: no path, no flag, no suffix.
    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= 63 else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || "+_-".utf8.contains($0) }
    }

    /// A path that stays in the directory.
    private static func isInside(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= PackageLimits.lineBytes
            && parts.allSatisfy { part in
                !part.isEmpty && part != "." && part != ".." && part.utf8.first != UInt8(ascii: "-")
                    && part.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
            }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
    }
}
