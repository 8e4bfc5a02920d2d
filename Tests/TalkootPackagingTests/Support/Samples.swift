import Foundation
import TalkootCore

@testable import TalkootPackaging

/// The sources of a module that does nothing, and what can be made of it.
enum Trivial {
    static let yaml = """
        name: trivial
        version: 1.2.3
        summary: Does nothing.
        license: Apache-2.0
        output: {name: nothing.bin, media-type: application/octet-stream}

        """

    static let source = """
        #include <talkoot.h>
        static int32_t run(const talkoot_host *host, const talkoot_unit *unit) { return host->write(host, &unit->index, 8); }
        static const talkoot_module module = {TALKOOT_ABI_VERSION, sizeof(talkoot_module), 0, run, 0, 0, 0};
        TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { (void)host; return &module; }

        """

    static let headers = "\(sourceRoot)/Sources/CTalkoot/include"

    /// Compiles the source with flags of the test's choice.
    static func library(_ flags: String = "", source: String = Trivial.source, command: String = "cc -shared -fPIC") throws -> [UInt8] {
        let scratch = try Scratch()
        try scratch.write("m.c", source)
        try shell("cd \(scratch.path) && \(command) -I \(headers) \(flags) m.c -o m.so 2>&1")
        return try bytes(of: scratch("m.so"))
    }

    /// A library that admission passes, compiled once.
    static let good: Result<[UInt8], any Error> = Result { try library("-O1 -s -Wl,-z,noexecstack") }

    /// A manifest of this module with libraries for these platforms, all the same bytes.
    static func manifest(version: String = "1.2.3", name: String = "trivial", platforms: [String] = [HostPlatform.current.baseline]) throws
        -> Manifest
    {
        var manifest = try ManifestReader.yaml(Array(yaml.utf8), file: "module.yaml")
        manifest.name = name
        manifest.version = SemanticVersion(version) ?? manifest.version
        manifest.libraries = try platforms.sorted().map { try PackageWriter.content(platform: $0, bytes: try good.get()).entry }
        return manifest
    }

    /// Writes a package and gives its path.
    @discardableResult
    static func package(_ scratch: Scratch, _ file: String = "m.talkoot", manifest: Manifest, key: PublisherKey? = nil) throws -> String {
        let libraries = try manifest.libraries.map { try PackageWriter.content(platform: $0.platform, bytes: try good.get()) }
        try PackageWriter.write(manifest: manifest, libraries: libraries, signingKey: key, path: scratch(file))
        return scratch(file)
    }
}
