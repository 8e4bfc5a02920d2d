import Foundation
import TalkootCore
import Testing

@testable import TalkootPackaging

/// A package that is right but for one thing, and what must be said about it.
struct BrokenPackage: CustomTestStringConvertible, Sendable {
    typealias Patch = @Sendable (inout [UInt8]) throws -> Void

    let title: String
    /// Words that the refusal must hold.
    let reason: String
    /// Writes the file.
    let write: @Sendable (Scratch) throws -> String

    var testDescription: String { title }

    static let platform = HostPlatform.current.baseline

    /// A package whose manifest names exactly this library, which nobody has looked at.
    static func file(_ scratch: Scratch, library: [UInt8], platform: String = Self.platform, glibc: String = "") throws -> String {
        var manifest = try ManifestReader.yaml(Array(Trivial.yaml.utf8), file: "module.yaml")
        manifest.libraries = [
            Manifest.Library(platform: platform, digest: Hashing.sha256(library), sizeBytes: UInt64(library.count), glibc: glibc)
        ]
        var tar = Tar()
        tar.add("manifest.json", CanonicalManifest.bytes(of: manifest))
        tar.add("lib/\(platform)/module.so", library)
        return try scratch.write("m.talkoot", tar.file)
    }

    /// A package with a library of these flags.
    static func compiled(_ title: String, _ flags: String, _ reason: String, extra: String = "", command: String = "cc -shared -fPIC")
        -> BrokenPackage
    {
        BrokenPackage(title: title, reason: reason) { scratch in
            try file(scratch, library: try Trivial.library(flags, source: Trivial.source + extra, command: command))
        }
    }

    /// A package with a good library after a patch.
    static func patched(_ title: String, _ reason: String, glibc: String = "", _ patch: @escaping Patch) -> BrokenPackage {
        BrokenPackage(title: title, reason: reason) { scratch in
            var library = try Trivial.good.get()
            try patch(&library)
            return try file(scratch, library: library, glibc: glibc)
        }
    }

    /// A package whose entries are laid by hand; the case gets a right manifest and library.
    static func archive(
        _ title: String, _ reason: String, _ build: @escaping @Sendable (_ manifest: [UInt8], _ library: [UInt8], inout Tar) throws -> Void
    ) -> BrokenPackage {
        BrokenPackage(title: title, reason: reason) { scratch in
            var tar = Tar()
            try build(CanonicalManifest.bytes(of: try Trivial.manifest()), try Trivial.good.get(), &tar)
            return try scratch.write("m.talkoot", tar.file)
        }
    }

    /// A package with another manifest.
    static func manifest(_ title: String, _ reason: String, _ change: @escaping @Sendable (String) -> String) -> BrokenPackage {
        archive(title, reason) { manifest, library, tar in
            tar.add("manifest.json", Array(change(String(decoding: manifest, as: UTF8.self)).utf8))
            tar.add("lib/\(platform)/module.so", library)
        }
    }

    /// A good library that needs the C library in some version.
    static let versioned: Result<[UInt8], any Error> = Result {
        try Trivial.library(source: Trivial.source + "#include <stdlib.h>\nchar *use(void) { return getenv(\"x\"); }\n")
    }

    /// That library with another version of the same length in place of the one it needs: `9.8.7` for 2.2.5.
    static func needing(_ digit: (Int) -> Character) throws -> (library: [UInt8], version: String) {
        var library = try versioned.get()
        let old = AdmissionReport.examine(library, platform: platform, host: nil).glibc?.description ?? ""
        let new = String(old.enumerated().map { $1.isNumber ? digit($0) : $1 })
        ElfPatch.replace("GLIBC_\(old)", by: "GLIBC_\(new)", in: &library)
        return (library, new)
    }

    /// Any bytes at all.
    static func bytes(_ title: String, _ reason: String, _ content: @escaping @Sendable (_ good: [UInt8]) -> [UInt8]) -> BrokenPackage {
        BrokenPackage(title: title, reason: reason) { scratch in
            let good = try bytes(of: try Trivial.package(scratch, "good.talkoot", manifest: try Trivial.manifest(), key: PublisherKey()))
            return try scratch.write("m.talkoot", content(good))
        }
    }

    private static func bytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
}

/// Fields of an ELF file, for patches.
enum ElfPatch {
    static func number(_ bytes: [UInt8], _ offset: Int, _ width: Int) -> Int {
        (0..<width).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }

    static func put(_ value: UInt64, _ width: Int, at offset: Int, in bytes: inout [UInt8]) {
        for index in 0..<width { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
    }

    /// Offsets of the program headers of this type.
    static func segments(_ bytes: [UInt8], type: Int) -> [Int] {
        let table = number(bytes, 32, 8)
        return (0..<number(bytes, 56, 2)).map { table + 56 * $0 }.filter { number(bytes, $0, 4) == type }
    }

    /// Offsets of the dynamic entries.
    static func entries(_ bytes: [UInt8]) -> [Int] {
        guard let dynamic = segments(bytes, type: 2).first else { return [] }
        let start = number(bytes, dynamic + 8, 8)
        return stride(from: start, to: start + number(bytes, dynamic + 32, 8), by: 16).map { $0 }
    }

    /// Turns the dynamic entry of one tag into another.
    static func retag(_ tag: Int, as other: UInt64, in bytes: inout [UInt8]) {
        for entry in entries(bytes) where number(bytes, entry, 8) == tag {
            put(other, 8, at: entry, in: &bytes)
            return
        }
    }

    /// Replaces a text by another of the same length, wherever it is.
    static func replace(_ text: String, by other: String, in bytes: inout [UInt8]) {
        let (old, new) = (Array(text.utf8), Array(other.utf8))
        precondition(old.count == new.count, "texts of the same length")
        for start in 0...(bytes.count - old.count) where Array(bytes[start..<start + old.count]) == old {
            bytes.replaceSubrange(start..<start + old.count, with: new)
        }
    }
}
