import GRDB
import Glibc
public import TalkootCore

extension TrackerDatabase {
    /// Where the package of a module is.
    public func packagePath(_ digest: Digest) -> String { "\(Self.packages(directory))/\(digest).talkoot" }

    /// A free name for a package that is being uploaded, on the same file system as the packages.
    public func temporaryPackagePath() -> String { FileSystem.temporaryName(for: Self.packages(directory) + "/upload") }

    /// The modules by name, each name's newest version first.
    public func modules() throws(TalkootError) -> [TrackerModule] {
        try modules(where: "true", []).sorted { $0.name != $1.name ? $0.name < $1.name : $0.version > $1.version }
    }

    /// What `NAME` (its newest version that is not yanked), `NAME@VERSION`, a digest or at least eight digits of one means. A digest finds what was
    /// yanked too.
    public func module(_ reference: String) throws(TalkootError) -> ModuleLookup {
        let parts = reference.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2 { return Self.choose(try modules(where: "name = ? AND version = ?", [parts[0], parts[1]])) }
        let named = try modules(where: "name = ?", [reference])
        if !named.isEmpty { return Self.choose(named) }
        return try moduleByDigest(reference).map(ModuleLookup.found) ?? .unknown
    }

    /// The newest that is not yanked.
    private static func choose(_ modules: [TrackerModule]) -> ModuleLookup {
        let newestFirst = modules.sorted { $0.version > $1.version }
        if let good = newestFirst.first(where: { $0.yanked == nil }) { return .found(good) }
        return newestFirst.first.map(ModuleLookup.yanked) ?? .unknown
    }

    private func moduleByDigest(_ reference: String) throws(TalkootError) -> TrackerModule? {
        let prefix = reference.lowercased()
        guard (8...64).contains(prefix.utf8.count), prefix.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            return nil
        }
        let found = try modules(where: "digest >= ? AND digest < ? LIMIT 2", [prefix, prefix + "g"])
        return found.count == 1 ? found[0] : nil
    }

    /// Whether the module may be added, without adding it.
    public func verdict(on module: TrackerModule) throws(TalkootError) -> ModuleVerdict {
        try read { try self.verdict(on: module, $0) }
    }

    /// Adds a module whose verified package is in the file at `temporaryPath`, which is moved to its place or removed.
    public func addModule(_ module: TrackerModule, package temporaryPath: String) throws(TalkootError) -> ModuleVerdict {
        defer { unlink(temporaryPath) }
        let verdict = try verdict(on: module)
        guard verdict == .accepted else { return verdict }
        try FileSystem.publish(temporaryPath, as: packagePath(module.digest))
        return try write { connection in
            let verdict = try self.verdict(on: module, connection)
            guard verdict == .accepted else { return verdict }
            try connection.execute(
                sql: "INSERT INTO module (digest, name, version, size, publisher, uploader, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    module.digest.description, module.name, module.version.description, Int64(clamping: module.sizeBytes),
                    module.publisher, module.uploader, module.created,
                ])
            return .accepted
        }
    }

    /// Yanks a version for a reason, or takes that back with `nil`; only for the account that uploaded it.
    public func yank(
        _ name: String, _ version: SemanticVersion, reason: String?, by account: String
    ) throws(TalkootError) -> YankVerdict {
        guard let module = try modules(where: "name = ? AND version = ?", [name, version.description]).first else { return .unknown }
        guard module.uploader == account else { return .notYours(module) }
        try write { connection in
            try connection.execute(
                sql: "UPDATE module SET yanked = ? WHERE digest = ?", arguments: [reason, module.digest.description])
        }
        return .done
    }

    /// Removes what uploads left that a crash cut short.
    func removeTemporaryPackages() {
        guard let stream = opendir(Self.packages(directory)) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasPrefix("upload."), name.hasSuffix(".new") { unlink("\(Self.packages(directory))/\(name)") }
        }
    }

    private func verdict(on module: TrackerModule, _ connection: Database) throws -> ModuleVerdict {
        let named = try Row.fetchAll(
            connection, sql: "SELECT digest, version, uploader, yanked FROM module WHERE name = ? ORDER BY created, version",
            arguments: [module.name])
        if let same = named.first(where: { $0[0] == module.digest.description }) {
            return (same[3] as String?).map(ModuleVerdict.yanked) ?? .present
        }
        if let first = named.first, first[2] != module.uploader { return .nameTaken(by: first[2]) }
        if let same = named.first(where: { $0[1] == module.version.description }) {
            guard let digest = Digest(same[0] as String) else { throw StoreFailure.damaged(path, "the digest of \(module.name)") }
            return .versionTaken(digest)
        }
        let held = try Int.fetchOne(connection, sql: "SELECT count(*) FROM module WHERE uploader = ?", arguments: [module.uploader]) ?? 0
        return held < Self.modulesPerAccount ? .accepted : .tooMany
    }

    private func modules(where condition: String, _ arguments: StatementArguments) throws(TalkootError) -> [TrackerModule] {
        try read { connection in
            try Row.fetchAll(
                connection,
                sql: "SELECT digest, name, version, size, publisher, uploader, created, yanked FROM module WHERE \(condition)",
                arguments: arguments
            ).map { row in
                guard let digest = Digest(row[0] as String), let version = SemanticVersion(row[2] as String) else {
                    throw StoreFailure.damaged(path, "the module \(row[1] as String)")
                }
                return TrackerModule(
                    name: row[1], version: version, digest: digest, sizeBytes: UInt64(clamping: row[3] as Int64), publisher: row[4],
                    uploader: row[5], created: row[6], yanked: row[7])
            }
        }
    }
}
