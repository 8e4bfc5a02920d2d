import Glibc
public import TalkootCore

/// The verdict of a check, kept in the module's directory until the module is packed.
///
/// It holds for one manifest and its libraries to the byte: whatever changes makes it void.
public struct CheckRecord: Sendable {
    private static let limitBytes = 64 << 10

    private let directory: String
    private var path: String { "\(directory)/.build/check.txt" }

    /// The record of the module in this directory.
    public init(directory: String) { self.directory = Files.absolute(directory) }

    /// Keeps a verdict of the module as it is now.
    ///
    /// - Throws: ``TalkootError`` of the manifest and the libraries, `cannotCreate` when it cannot be kept.
    public func keep(_ check: Manifest.Check) throws(TalkootError) {
        let (manifest, _) = try PackageWriter().content(directory: directory)
        try Files.makeDirectories("\(directory)/.build")
        let lines = [Self.identity(of: manifest), check.determinism.rawValue] + check.passed
        try Files.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    }

    /// Forgets the verdict.
    public func remove() { unlink(path) }

    /// The verdict, when it is one of this manifest with these libraries.
    func verdict(for manifest: Manifest) -> Manifest.Check? {
        guard let bytes = try? Files.read(path, limitBytes: Self.limitBytes) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.count >= 2, lines[0] == Self.identity(of: manifest), let determinism = Manifest.Determinism(rawValue: lines[1]),
            lines.count - 2 <= PackageLimits.checkPoints, lines.dropFirst(2).allSatisfy(Names.isPoint)
        else { return nil }
        return Manifest.Check(determinism: determinism, passed: Array(lines.dropFirst(2)))
    }

    private static func identity(of manifest: Manifest) -> String {
        var plain = manifest
        plain.check = nil
        return Hashing.sha256(CanonicalManifest.bytes(of: plain)).description
    }
}
