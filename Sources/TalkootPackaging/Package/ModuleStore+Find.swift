public import TalkootCore

extension ModuleStore {
    /// Finds a module by what a person writes: `NAME`, `NAME@VERSION`, an identity or a unique beginning of one with at least 8 digits,
    /// or the path of a `.talkoot` file (anything with a `/` or that suffix). Of several versions the newest is taken.
    ///
    /// - Throws: ``TalkootError`` `notFound` with the modules that are known, `usage` when a digest is ambiguous, or what
    ///   ``ModulePackage/read(path:)`` throws.
    public func find(_ reference: String) throws(TalkootError) -> ModulePackage {
        if reference.contains("/") || reference.hasSuffix(".talkoot") { return try ModulePackage.read(path: reference) }
        if let digest = Digest(reference), let package = try package(digest) { return package }
        let (packages, damaged) = try contents()
        let parts = reference.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2 {
            guard let version = SemanticVersion(parts[1]) else {
                throw TalkootError(.usage, "`\(parts[1])` is no version", remedy: "write \(parts[0])@MAJOR.MINOR.PATCH")
            }
            let found = packages.first { $0.manifest.name == parts[0] && $0.manifest.version == version }
            if let found { return found }
        } else if let found = Self.newest(of: packages.filter { $0.manifest.name == reference }) {
            return found
        }
        if let found = try Self.byDigest(reference, in: packages) { return found }
        throw Self.unknown(reference, packages, damaged)
    }

    /// The newest release, or the newest pre-release when there is no release.
    private static func newest(of packages: [ModulePackage]) -> ModulePackage? {
        let releases = packages.filter { $0.manifest.version.prerelease.isEmpty }
        return (releases.isEmpty ? packages : releases).max { $0.manifest.version < $1.manifest.version }
    }

    private static func byDigest(_ reference: String, in packages: [ModulePackage]) throws(TalkootError) -> ModulePackage? {
        let digits = reference.lowercased()
        guard (8...64).contains(digits.utf8.count), digits.allSatisfy(\.isHexDigit) else { return nil }
        let found = packages.filter { $0.digest.description.hasPrefix(digits) }
        guard found.count > 1 else { return found.first }
        throw TalkootError(.usage, "\(reference) begins \(found.count) modules' identities", remedy: "write more digits")
    }

    private static func unknown(_ reference: String, _ packages: [ModulePackage], _ damaged: [TalkootError]) -> TalkootError {
        let known = packages.prefix(20).map(\.reference)
        var remedy =
            known.isEmpty
            ? "there is no module here; pack one with `talkoot module pack DIRECTORY` or name a .talkoot file"
            : "there are \(known.joined(separator: ", "))\(packages.count > 20 ? " and others" : "")"
        if let first = damaged.first { remedy += " (\(damaged.count) damaged: \(first.message))" }
        return TalkootError(.notFound, "no module \(reference)", remedy: remedy)
    }
}
