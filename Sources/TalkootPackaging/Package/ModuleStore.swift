import Glibc
public import TalkootCore

/// A directory of packages named by their identity, `<digest>.talkoot`, that any number of processes may add to at once.
///
/// A package appears whole or not at all: it is copied to a temporary file, synchronized and renamed. Other, read-only directories
/// of packages, such as the bundled ones, are searched too; there the names of the files do not matter.
public struct ModuleStore: Sendable {
    /// The directory that packages are added to; made when the first one is.
    public let directory: String
    /// Read-only directories that are searched after it.
    public let bundled: [String]

    private static let suffix = ".talkoot"

    /// A store in `directory`, with `bundled` directories beside it; nothing is read or made yet.
    public init(directory: String, bundled: [String] = []) {
        self.directory = directory
        self.bundled = bundled
    }

    /// Checks a package file and keeps a copy. Adding what is there already changes nothing.
    ///
    /// - Returns: the package as it lies in the store.
    /// - Throws: ``TalkootError`` of ``ModulePackage/read(path:)``, `cannotCreate` or `inputOutput` (a full disk) when it cannot be kept.
    public func add(path: String) throws(TalkootError) -> ModulePackage {
        let temporary = try temporaryPath()
        defer { unlink(temporary) }
        try Self.copy(path, to: temporary)
        // What is checked is the copy: the original may change meanwhile.
        let package: ModulePackage
        do {
            package = try ModulePackage.read(path: temporary)
        } catch {
            throw TalkootError(error.code, error.message.replacing(temporary, with: path), remedy: error.remedy)
        }
        if let present = self.path(of: package.digest), let known = try? ModulePackage.read(path: present),
            known.publisher != nil || package.publisher == nil
        {
            return known
        }
        let final = filePath(of: package.digest)
        try Files.rename(temporary, to: final)
        return try ModulePackage.read(path: final)
    }

    /// Where the package with this identity lies; `nil` when the store does not have it. Does not open it.
    public func path(of digest: Digest) -> String? {
        let path = filePath(of: digest)
        if Files.isFile(path) { return path }
        return bundledPackages().first { $0.digest == digest }?.path
    }

    /// The package with this identity; `nil` when the store does not have it.
    ///
    /// - Throws: ``TalkootError`` `badData` when it is there and damaged.
    public func package(_ digest: Digest) throws(TalkootError) -> ModulePackage? {
        guard let path = path(of: digest) else { return nil }
        let package = try ModulePackage.read(path: path)
        guard package.digest == digest else {
            throw TalkootError(.badData, "\(path) holds another module than its name says", remedy: "delete it")
        }
        return package
    }

    /// All readable packages, by name and then newest first; each identity once. Reads every package.
    ///
    /// - Throws: ``TalkootError`` `inputOutput` when the directory is there and cannot be read.
    public func list() throws(TalkootError) -> [ModulePackage] { try contents().packages }

    /// A fresh path inside the directory, for a download that is then given to ``add(path:)``; the caller removes it.
    ///
    /// - Throws: ``TalkootError`` `cannotCreate` when the directory cannot be made.
    public func temporaryPath() throws(TalkootError) -> String {
        try Files.makeDirectories(directory)
        return Files.temporaryPath(beside: "\(directory)/incoming")
    }

    /// Everything in the store, and what in it is damaged.
    func contents() throws(TalkootError) -> (packages: [ModulePackage], damaged: [TalkootError]) {
        var packages: [Digest: ModulePackage] = [:]
        var damaged: [TalkootError] = []
        for path in try paths() {
            do {
                let package = try ModulePackage.read(path: path)
                if packages[package.digest] == nil { packages[package.digest] = package }
            } catch {
                damaged.append(error)
            }
        }
        let sorted = packages.values.sorted { left, right in
            if left.manifest.name != right.manifest.name { return left.manifest.name < right.manifest.name }
            if left.manifest.version != right.manifest.version { return left.manifest.version > right.manifest.version }
            return left.digest < right.digest
        }
        return (sorted, damaged)
    }

    private func paths() throws(TalkootError) -> [String] {
        var paths: [String] = []
        for place in [directory] + bundled where Files.isDirectory(place) {
            let names = try Files.names(in: place, limit: PackageLimits.packagesInStore)
            paths += names.filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }.map { "\(place)/\($0)" }
        }
        return paths
    }

    private func bundledPackages() -> [ModulePackage] {
        (try? ModuleStore(directory: "", bundled: bundled).list()) ?? []
    }

    private func filePath(of digest: Digest) -> String { "\(directory)/\(digest)\(Self.suffix)" }

    private static func copy(_ source: String, to path: String) throws(TalkootError) {
        let input = try OpenFile.reading(source)
        defer { input.close() }
        guard input.sizeBytes <= PackageLimits.packageBytes else {
            throw TalkootError(
                .badData, "\(source) has \(input.sizeBytes) bytes; a package has at most \(PackageLimits.packageBytes)",
                remedy: "get it again, or ask its author for a smaller one")
        }
        let output = try OpenFile.creating(path, mode: 0o644)
        defer { output.close() }
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var total = 0
        while case let count = try input.read(into: &buffer), count > 0 {
            total += count
            guard total <= PackageLimits.packageBytes else {
                throw TalkootError(.badData, "\(source) grew while it was read", remedy: "try again")
            }
            try output.write(count == buffer.count ? buffer : Array(buffer[..<count]))
        }
        try output.synchronize()
    }
}
