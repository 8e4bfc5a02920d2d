import Foundation
import TalkootCore
import Testing

@testable import TalkootPackaging

@Suite struct BrokenPackages {
    private static let second =
        "TALKOOT_EXPORT int talkoot_module_v2(void); int talkoot_module_v2(void) { return 0; }\n"
    private static let textRelocation = "__asm__(\".text\\n.quad talkoot_module_v1\\n\");\n"
    private static let platform = BrokenPackage.platform

    static let libraries: [BrokenPackage] = [
        .compiled("search path", "-Wl,-rpath,/tmp", "RUNPATH"),
        .compiled("old search path", "-Wl,--disable-new-dtags,-rpath,/tmp", "RPATH"),
        .compiled("audit", "-Wl,--audit=x.so", "loading: AUDIT"),
        .compiled("audit of dependencies", "-Wl,--depaudit=x.so", "DEPAUDIT"),
        .compiled("filter", "-Wl,-F,x.so", "FILTER"),
        .compiled("auxiliary filter", "-Wl,-f,x.so", "AUXILIARY"),
        .compiled("executable stack", "-Wl,-z,execstack", "stack: executable"),
        .compiled("fixed address", "-Wl,-Ttext-segment=0x20000000", "linked to a fixed address"),
        .compiled("foreign library", "-Wl,--no-as-needed -lresolv", "libresolv.so.2 is not in a cell"),
        .compiled("no entry point", "-Dtalkoot_module_v1=other_name", "no talkoot_module_* is exported"),
        .compiled("two entry points", "", "talkoot_module_v2", extra: second),
        .compiled("relocations in code", "-Wl,-z,notext", "TEXTREL", extra: textRelocation),
        .compiled("a program", "", "not a shared library", extra: "int main(void) { return 0; }\n", command: "cc -fPIE -pie"),
        .patched("code that can be written", "writable and executable") { bytes in
            for header in ElfPatch.segments(bytes, type: 1) { bytes[header + 4] |= 3 }
        },
        .patched("another machine", "machine: machine 243") { ElfPatch.put(243, 2, at: 18, in: &$0) },
        .patched("an object file", "kind: not a shared library") { ElfPatch.put(1, 2, at: 16, in: &$0) },
        .patched("32 bits", "not a 64-bit little-endian ELF file") { $0[4] = 1 },
        .patched("the other byte order", "not a 64-bit little-endian ELF file") { $0[5] = 2 },
        .patched("no ELF file", "it is not an ELF file") { $0[1] = 0x65 },
        .patched("a header only", "program headers") {
            $0.removeSubrange(64...); ElfPatch.put(0, 2, at: 56, in: &$0)
        },
        .patched("no word about the stack", "stack: executable") { bytes in
            for header in ElfPatch.segments(bytes, type: 0x6474_E551) { ElfPatch.put(0, 4, at: header, in: &bytes) }
        },
        .patched("no dynamic section", "no dynamic section, or several") { bytes in
            for header in ElfPatch.segments(bytes, type: 2) { ElfPatch.put(0, 4, at: header, in: &bytes) }
        },
        .patched("a segment beyond the end", "a segment lies beyond its end") { bytes in
            ElfPatch.put(1 << 40, 8, at: ElfPatch.segments(bytes, type: 1)[0] + 32, in: &bytes)
        },
        .patched("no program header", "another size or number") { ElfPatch.put(0, 2, at: 56, in: &$0) },
        .patched("program headers of another size", "another size or number") { ElfPatch.put(64, 2, at: 54, in: &$0) },
        .patched("program headers beyond the end", "it points beyond its own end") { ElfPatch.put(.max - 7, 8, at: 32, in: &$0) },
        .patched("segments over each other", "segments overlap or are out of order") { bytes in
            ElfPatch.put(1 << 40, 8, at: ElfPatch.segments(bytes, type: 1)[0] + 40, in: &bytes)
        },
        .patched("a dynamic section without end", "its dynamic section has no end") { bytes in
            for entry in ElfPatch.entries(bytes) where ElfPatch.number(bytes, entry, 8) == 0 {
                ElfPatch.put(0x7000_0000, 8, at: entry, in: &bytes)
            }
        },
        .patched("no string table", "it has no string table") { ElfPatch.retag(5, as: 0x7000_0000, in: &$0) },
        .patched("no symbol table", "it has no symbol table") { ElfPatch.retag(6, as: 0x7000_0000, in: &$0) },
        .patched("no hash table", "it has no symbol hash table") { ElfPatch.retag(0x6FFF_FEF5, as: 0x7000_0000, in: &$0) },
        .patched("a table outside of all segments", "a table lies outside its segments") { bytes in
            for entry in ElfPatch.entries(bytes) where ElfPatch.number(bytes, entry, 8) == 6 {
                ElfPatch.put(1 << 50, 8, at: entry + 8, in: &bytes)
            }
        },
        .patched("a file of settings", "CONFIG") {
            ElfPatch.retag(0x1D, as: 0x6FFF_FEFA, in: &$0); ElfPatch.retag(0xC, as: 0x6FFF_FEFA, in: &$0)
        },
        BrokenPackage(title: "private functions of the C library", reason: "it needs GLIBC_P") { scratch in
            try BrokenPackage.file(scratch, library: try BrokenPackage.needing { _ in "P" }.library)
        },
    ]

    static let archives: [BrokenPackage] = [
        .bytes("an empty file", "is not a package") { _ in [] },
        .bytes("a text", "is not a package") { _ in Array(String(repeating: "This is no package. ", count: 100).utf8) },
        .bytes("a compressed package", "is not a package") { _ in [0x1F, 0x8B, 8, 0] + [UInt8](repeating: 7, count: 2000) },
        .bytes("a package cut in its first header", "is not a package") { Array($0[..<300]) },
        .bytes("a package cut in its manifest", "ends within manifest.json") { Array($0[..<600]) },
        .bytes("a package cut in its library", "ends within lib/") { Array($0[..<($0.count - 6000)]) },
        .bytes("a package without its beginning", "does not begin with manifest.json") { Array($0[1024...]) },
        .bytes("a header with a wrong sum", "is not a package") { good in
            var bytes = good
            bytes[150] ^= 1
            return bytes
        },
        .archive("a way up", "holds `../evil`, which no package has") { manifest, _, tar in
            tar.add("manifest.json", manifest)
            tar.add("../evil", [1])
        },
        .archive("a path from the root", "holds `/etc/passwd`") { manifest, _, tar in
            tar.add("manifest.json", manifest)
            tar.add("/etc/passwd", [1])
        },
        .archive("a way up inside", "holds `lib/../module.so`") { manifest, _, tar in
            tar.add("manifest.json", manifest)
            tar.add("lib/../module.so", [1])
        },
        .archive("a dot in front", "holds `./manifest.json`") { manifest, _, tar in tar.add("./manifest.json", manifest) },
        .archive("a path of the extended header", "holds `../../evil`") { manifest, _, tar in
            tar.add("manifest.json", manifest)
            tar.add("x", Array("19 path=../../evil\n".utf8), type: "x")
            tar.add("lib/\(platform)/module.so", [1])
        },
        .archive("a long name of GNU tar", "which no package has") { manifest, _, tar in
            tar.add("manifest.json", manifest)
            tar.add("././@LongLink", Array(repeating: UInt8(ascii: "a"), count: 3000), type: "L")
            tar.add("short", [1])
        },
        .archive("a symbolic link", "which is no plain file") { manifest, _, tar in
            tar.add("manifest.json", manifest)
            tar.add("lib/\(platform)/module.so", [], type: "2", link: "/etc/shadow")
        },
        .archive("a hard link", "which is no plain file") { manifest, _, tar in
            tar.add("manifest.json", manifest)
            tar.add("lib/\(platform)/module.so", [], type: "1", link: "manifest.json")
        },
        .archive("a device", "which is no plain file") { manifest, _, tar in
            tar.add("manifest.json", manifest)
            tar.add("lib/\(platform)/module.so", [], type: "3")
        },
        .archive("a pipe", "which is no plain file") { manifest, _, tar in
            tar.add("manifest.json", manifest)
            tar.add("lib/\(platform)/module.so", [], type: "6")
        },
        .archive("a directory", "which is no plain file") { manifest, _, tar in
            tar.add("manifest.json", manifest)
            tar.add("lib", [], type: "5")
        },
        .archive("a file of another kind", "holds `README`") { manifest, _, tar in
            tar.add("manifest.json", manifest)
            tar.add("README", [1])
        },
        .archive("a library twice", "twice") { manifest, library, tar in
            tar.add("manifest.json", manifest)
            for _ in 0..<2 { tar.add("lib/\(platform)/module.so", library) }
        },
        .archive("a manifest at the end", "does not begin with manifest.json") { manifest, library, tar in
            tar.add("lib/\(platform)/module.so", library)
            tar.add("manifest.json", manifest)
        },
        .archive("no library", "lacks lib/") { manifest, _, tar in tar.add("manifest.json", manifest) },
        .archive("a longer library", "gives another size") { manifest, library, tar in
            tar.add("manifest.json", manifest)
            tar.add("lib/\(platform)/module.so", library + [0])
        },
        .archive("another library", "whose digest is not the manifest's") { manifest, library, tar in
            tar.add("manifest.json", manifest)
            tar.add("lib/\(platform)/module.so", library.dropLast() + [library[library.count - 1] ^ 1])
        },
        .archive("a library too many", "which its manifest does not name") { manifest, library, tar in
            tar.add("manifest.json", manifest)
            tar.add("lib/\(platform)/module.so", library)
            tar.add("lib/riscv64-linux-gnu/module.so", library)
        },
        .archive("a manifest of 4 GiB", "at most 262144 are allowed") { _, _, tar in tar.add("manifest.json", [1], size: 1 << 32) },
        .archive("a library of 4 GiB", "at most 33554432 are allowed") { manifest, _, tar in
            tar.add("manifest.json", manifest)
            tar.add("lib/\(platform)/module.so", [1], size: 1 << 32)
        },
        BrokenPackage(title: "a file over the cap", reason: "a package has at most 67108864") { scratch in
            try shell("truncate -s 65M \(scratch("m.talkoot"))")
            return scratch("m.talkoot")
        },
        .archive("a signature of other bytes", "the signature is not one of its manifest") { manifest, library, tar in
            tar.add("manifest.json", manifest)
            tar.add("manifest.sig", try PublisherKey().sign([1, 2, 3]))
            tar.add("lib/\(platform)/module.so", library)
        },
        .archive("a signature that is cut", "the signature is not one of its manifest") { manifest, library, tar in
            tar.add("manifest.json", manifest)
            tar.add("manifest.sig", Array(try PublisherKey().sign(manifest).dropLast()))
            tar.add("lib/\(platform)/module.so", library)
        },
        .archive("a signature by a weak key", "the signature is not one of its manifest") { manifest, library, tar in
            tar.add("manifest.json", manifest)
            tar.add("manifest.sig", [1] + [UInt8](repeating: 0, count: 31) + [1] + [UInt8](repeating: 0, count: 63))
            tar.add("lib/\(platform)/module.so", library)
        },
        .archive("a signature that is too long", "manifest.sig with 4096 bytes") { manifest, library, tar in
            tar.add("manifest.json", manifest)
            tar.add("manifest.sig", [UInt8](repeating: 1, count: 4096))
        },
    ]

    static let manifests: [BrokenPackage] = [
        .manifest("no JSON", "not JSON") { _ in "name: trivial\n" },
        .manifest("spaces", "is not in canonical form") { $0.replacing(":", with: ": ") },
        .manifest("an unknown field", "unknown field hook") { "{\"hook\":\"/bin/sh\"," + $0.dropFirst() },
        .manifest("a field twice", "is there twice") { "{\"input\":\"lines\"," + $0.dropFirst() },
        .manifest("deep nesting", "nested deeper than 8") { _ in String(repeating: "[", count: 100_000) },
        .manifest("a million values", "more than 10000 values") { _ in "[" + String(repeating: "0,", count: 100_000) + "0]" },
        .manifest("a name with a slash", "name is `../x`") { $0.replacing("\"name\":\"trivial\"", with: "\"name\":\"../x\"") },
        .manifest("no version", "version is `newest`") { $0.replacing("1.2.3", with: "newest") },
        .manifest("an output in another directory", "output.name is `../nothing.bin`") {
            $0.replacing("nothing.bin", with: "../nothing.bin")
        },
        .manifest("too little memory", "resources.memory is `1`") { $0.replacing("67108864", with: "1") },
        .manifest("no threads", "resources.threads is `0`") { $0.replacing("\"threads\":1", with: "\"threads\":0") },
        .manifest("a wrong digest", "libraries[0].sha256 is `xyz`") { text in
            let start = text.range(of: "\"sha256\":\"")?.upperBound ?? text.startIndex
            return text.replacingCharacters(in: start..<text.index(start, offsetBy: 64), with: "xyz")
        },
        .manifest("no libraries", "holds lib/") { text in
            text.replacingOccurrences(of: "\"libraries\":\\[[^]]*\\],", with: "", options: .regularExpression)
        },
        .manifest("a check of strange words", "check.passed holds") {
            "{\"check\":{\"determinism\":\"exact\",\"passed\":[\"\\u001b[2J\"]}," + $0.dropFirst()
        },
    ]

    @Test("A broken package is refused with its own reason and what to do", arguments: libraries + archives + manifests)
    func refused(_ broken: BrokenPackage) throws {
        let scratch = try Scratch()
        let path = try broken.write(scratch)
        let refusal = try #require(error { try ModulePackage.read(path: path) }, "it was accepted")
        #expect(refusal.code == .badData)
        #expect(refusal.message.contains(broken.reason), "\(refusal)")
        #expect(!refusal.remedy.isEmpty, "\(refusal)")
        // The store, which volunteers and trackers add to, says the same and keeps nothing.
        let store = ModuleStore(directory: scratch("store"))
        #expect(error { try store.add(path: path) }?.code == .badData)
        #expect(try store.list().isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch("store")).isEmpty)
    }

    @Test("There are more than sixty of them, and no two have the same title")
    func count() {
        let titles = (Self.libraries + Self.archives + Self.manifests).map(\.title)
        #expect(titles.count > 60 && Set(titles).count == titles.count, "\(titles.count)")
    }

    @Test("A library that needs a newer C library than this machine's is sound, and refused here with both versions")
    func newerGlibc() throws {
        let scratch = try Scratch()
        let (library, version) = try BrokenPackage.needing { _ in "9" }
        let package = try ModulePackage.read(path: try BrokenPackage.file(scratch, library: library, glibc: version))
        let refusal = try #require(error { try package.library() })
        #expect(refusal.code == .refused)
        #expect(refusal.message.contains("needs glibc \(version), this machine has \(HostPlatform.current.glibc)"))
        #expect(refusal.remedy.contains("older system"))
    }

    @Test("A manifest that hides which C library its library needs is refused")
    func hiddenGlibc() throws {
        let scratch = try Scratch()
        let library = try BrokenPackage.needing { _ in "9" }.library
        let path = try BrokenPackage.file(scratch, library: library, glibc: "")
        let refusal = try #require(error { try ModulePackage.read(path: path) })
        #expect(refusal.message.contains("its manifest says") && !refusal.remedy.isEmpty, "\(refusal)")
    }

    @Test("A package for other machines only is sound, and refused here with what it has")
    func otherMachines() throws {
        let scratch = try Scratch()
        var library = try BrokenPackage.versioned.get()
        ElfPatch.put(HostPlatform.current.baseline.hasPrefix("x86") ? 183 : 62, 2, at: 18, in: &library)
        let other = HostPlatform.current.baseline.hasPrefix("x86") ? "aarch64-linux-gnu" : "x86_64-linux-gnu"
        let glibc = try #require(AdmissionReport.examine(library, platform: other, host: nil).glibc).description
        let package = try ModulePackage.read(path: try BrokenPackage.file(scratch, library: library, platform: other, glibc: glibc))
        let refusal = try #require(error { try package.library() })
        #expect(refusal.code == .refused && refusal.message.contains("only for \(other)") && !refusal.remedy.isEmpty, "\(refusal)")
    }
}
