import Glibc
import TalkootCore
import TalkootPackaging

/// Small modules in C, built once a test run, whose units do what a test needs.
struct TinyModule: Sendable {
    let package: ModulePackage
    let bytes: [UInt8]
    private let directory: TemporaryDirectory

    /// Its `mode` says what its units do: 0 writes the unit's number, 1 crashes at unit 5, 2 never ends, 3 writes `size` bytes.
    static let numbers = Result { try TinyModule(name: "numbers", input: "none", source: numbersSource) }
    /// Its units write their input back.
    static let echo = Result { try TinyModule(name: "echo", input: "lines", source: echoSource) }

    private init(name: String, input: String, source: String) throws {
        let directory = try TemporaryDirectory()
        let manifest = """
            name: \(name)
            version: 1.0.0
            summary: For tests.
            license: Apache-2.0
            parameters:
              mode: {type: integer, default: 0, help: What the units do.}
              size: {type: integer, default: 0, help: The size of a result.}
            input: \(input)
            output: {name: out.txt, media-type: text/plain}
            resources: {memory: 64 MiB, threads: 1}
            determinism: exact
            """
        try directory.write(manifest, to: "module.yaml")
        try directory.makeDirectory("src")
        try directory.write(source, to: "src/module.c")
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        package = try PackageWriter(sdk: ModuleSDK(root: root)).pack(directory: directory.path, signingKey: nil, output: directory.path)
        bytes = try TemporaryDirectory.read(package.path)
        self.directory = directory
    }

    private static let numbersSource = """
        #include "talkoot.h"
        #include <stdio.h>
        #include <string.h>
        static int32_t run(const talkoot_host *host, const talkoot_unit *unit)
        {
            const int64_t mode = host->integer(host, "mode");
            if (mode == 1 && unit->index == 5) { host->log(host, 1, "last words"); *(volatile int *)8 = 1; }
            if (mode == 2) { for (volatile int i = 0;; i++) { } }
            if (mode == 3) {
                const size_t size = (size_t)host->integer(host, "size");
                void *const room = host->reserve(host, size);
                if (room == NULL) { return host->fail(host, "no room"); }
                memset(room, 'x', size);
                return 0;
            }
            char text[32];
            const int length = snprintf(text, sizeof text, "%llu\\n", (unsigned long long)unit->index);
            return host->write(host, text, (size_t)length);
        }
        static const talkoot_module module = {.abi_version = TALKOOT_ABI_VERSION, .struct_size = sizeof module, .run = run};
        TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { (void)host; return &module; }
        """

    private static let echoSource = """
        #include "talkoot.h"
        static int32_t run(const talkoot_host *host, const talkoot_unit *unit)
        {
            return host->write(host, unit->input.data, unit->input.size);
        }
        static const talkoot_module module = {.abi_version = TALKOOT_ABI_VERSION, .struct_size = sizeof module, .run = run};
        TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { (void)host; return &module; }
        """
}

/// A directory that goes away with the value's last owner.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/talkoot-volunteer-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TalkootError(.cannotCreate, "no temporary directory") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    func makeDirectory(_ name: String) throws {
        guard mkdir("\(path)/\(name)", 0o755) == 0 else { throw TalkootError(.cannotCreate, name) }
    }

    func write(_ text: String, to name: String) throws {
        guard let file = fopen("\(path)/\(name)", "w") else { throw TalkootError(.cannotCreate, name) }
        defer { fclose(file) }
        fputs(text, file)
    }

    /// The names in the directory, without the two dots.
    var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw TalkootError(.notFound, path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    private static func remove(_ path: String) {
        guard let directory = opendir(path) else { return }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        closedir(directory)
        for name in names where name != "." && name != ".." {
            if unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        }
        rmdir(path)
    }
}
