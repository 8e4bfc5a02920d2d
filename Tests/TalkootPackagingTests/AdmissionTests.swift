import TalkootCore
import Testing

@testable import TalkootPackaging

private let platform = HostPlatform.current.baseline

private func examine(_ bytes: [UInt8], _ host: HostPlatform? = .current) -> AdmissionReport {
    AdmissionReport.examine(bytes, platform: platform, host: host)
}

@Test("A library as the builder makes it passes every point")
func good() throws {
    let report = examine(try Trivial.good.get())
    #expect(report.isAdmitted, "\(report.lines)")
    #expect(report.refusal == nil)
    #expect(Set(report.needed).isSubset(of: ["libc.so.6"]))
    #expect(report.checks.count == 10)
    #expect(report.lines.allSatisfy { $0.hasPrefix("ok ") })
}

@Test(
    "A library that no host should load is refused with the point that failed",
    arguments: [
        ("-Wl,-rpath,/tmp", "loading", "RUNPATH"),
        ("-Wl,--disable-new-dtags,-rpath,/tmp", "loading", "RPATH"),
        ("-Wl,--audit=x.so", "loading", "AUDIT"),
        ("-Wl,--depaudit=x.so", "loading", "DEPAUDIT"),
        ("-Wl,-F,x.so", "loading", "FILTER"),
        ("-Wl,-f,x.so", "loading", "AUXILIARY"),
        ("-Wl,-z,execstack", "stack", "executable"),
        ("-Wl,-Ttext-segment=0x20000000", "layout", "fixed address"),
        ("-Wl,--no-as-needed -lresolv", "needs", "libresolv.so.2"),
        ("-Dtalkoot_module_v1=other_name", "entry point", "no talkoot_module_*"),
        ("-DEXTRA", "entry point", "talkoot_module_v2"),
        ("-DTEXT -Wl,-z,notext", "loading", "TEXTREL"),
    ] as [(String, String, String)])
func refusals(_ flags: String, _ point: String, _ detail: String) throws {
    let source =
        Trivial.source + """
            #ifdef EXTRA
            TALKOOT_EXPORT int talkoot_module_v2(void); int talkoot_module_v2(void) { return 0; }
            #endif
            #ifdef TEXT
            __asm__(".text\\n.quad talkoot_module_v1\\n");
            #endif

            """
    let report = examine(try Trivial.library(flags, source: source))
    #expect(!report.isAdmitted)
    let failed = report.checks.filter { !$0.isPassed }
    #expect(failed.contains { $0.name == point && $0.detail.contains(detail) && !$0.remedy.isEmpty }, "\(report.lines)")
    #expect(report.refusal?.code == .badData)
}

@Test("A library with a segment that can be written and executed is refused")
func writableCode() throws {
    var bytes = try Trivial.good.get()
    let table = Int(bytes[32])
    for header in 0..<Int(bytes[56]) where bytes[table + 56 * header] == 1 { bytes[table + 56 * header + 4] |= 3 }
    #expect(examine(bytes).checks.contains { $0.name == "code" && !$0.isPassed })
}

@Test("A program is not a library")
func program() throws {
    let bytes = try Trivial.library(source: Trivial.source + "int main(void) { return 0; }\n", command: "cc -fPIE -pie")
    #expect(examine(bytes).checks.contains { $0.name == "kind" && !$0.isPassed })
}

@Test("A library of another machine is refused")
func otherMachine() throws {
    let report = AdmissionReport.examine(try Trivial.good.get(), platform: "riscv64-linux-gnu")
    #expect(report.checks.contains { $0.name == "machine" && !$0.isPassed })
}

@Test("A library that needs a newer C library than the host's is refused there and passes elsewhere")
func olderHost() throws {
    let bytes = try Trivial.library(source: Trivial.source + "#include <stdlib.h>\nvoid *use(void) { return aligned_alloc(64, 64); }\n")
    let old = HostPlatform(names: HostPlatform.current.names, glibc: try #require(GlibcVersion("2.1")))
    #expect(examine(bytes, old).checks.contains { $0.name == "C library" && !$0.isPassed })
    #expect(examine(bytes, nil).isAdmitted)
    #expect(try #require(examine(bytes, nil).glibc) > old.glibc)
}

@Test(
    "What is no ELF file at all is refused",
    arguments: [[], [0x7F], Array("#!/bin/sh\nexit 0\n".utf8), [UInt8](repeating: 0, count: 100)] as [[UInt8]])
func noElf(_ bytes: [UInt8]) {
    #expect(!examine(bytes).isAdmitted)
}

@Test("No damage to a library crashes the reader")
func damage() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = Seeded(state: seed)
    let original = try Trivial.good.get()
    for length in stride(from: 0, to: original.count, by: 97) { _ = examine(Array(original[..<length])) }
    for _ in 0..<1500 {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            // Headers and tables lie in front; damage there is what matters.
            let place = Int.random(in: 0..<min(bytes.count, 4096), using: &random)
            bytes[place] = [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
        }
        _ = examine(bytes)
    }
}

@Test("A processor's levels follow from its flags")
func levels() {
    let v2: Set<Substring> = ["cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"]
    let v3 = v2.union(["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"])
    let names = { HostPlatform.names(architecture: "x86_64", processorFlags: $0) }
    #expect(names([]) == ["x86_64-linux-gnu"])
    #expect(names(v3) == ["x86_64-v3-linux-gnu", "x86_64-v2-linux-gnu", "x86_64-linux-gnu"])
    #expect(names(v3.subtracting(["fma"])) == ["x86_64-v2-linux-gnu", "x86_64-linux-gnu"])
    #expect(names(v3.subtracting(["ssse3"])) == ["x86_64-linux-gnu"])
    #expect(HostPlatform.names(architecture: "aarch64", processorFlags: []) == ["aarch64-linux-gnu"])
}

@Test("Versions of the C library are ordered by their numbers")
func glibcOrder() throws {
    let versions = try ["2.2.5", "2.4", "2.17", "2.36"].map { try #require(GlibcVersion($0)) }
    #expect(versions.sorted() == versions)
    for text in ["", "2.", "a", "2.+4", "1.2.3.4", "99999.1"] { #expect(GlibcVersion(text) == nil) }
}

/// Numbers of some widths, the lowest byte first.
private func table(_ fields: [(value: UInt64, width: Int)]) -> [UInt8] {
    fields.flatMap { field in (0..<field.width).map { UInt8(truncatingIfNeeded: field.value >> (8 * UInt64($0))) } }
}

/// A library of one segment that is its file.
private func image(_ bytes: [UInt8]) -> ElfImage {
    let count = UInt64(bytes.count)
    return ElfImage(
        bytes: ElfBytes(bytes), segments: [.init(type: 1, flags: 4, offset: 0, address: 0, fileBytes: count, memoryBytes: count)])
}

@Test("A chain of needed versions is followed by its links, as the loader does, and refused when it is longer than any honest one")
func versionChain() throws {
    func versions(_ count: Int) throws -> [String] {
        let name = Array("GLIBC_2.4".utf8) + [0, 0, 0, 0, 0, 0, 0]
        // One library, which counts one version and links to `count` of them.
        var bytes = name + table([(1, 2), (1, 2), (0, 4), (16, 4), (0, 4)])
        for index in 0..<count { bytes += table([(0, 4), (0, 4), (0, 4), (index == count - 1 ? 0 : 16, 4)]) }
        return try image(bytes).neededVersions([(5, 0), (0x6FFF_FFFE, 16), (0x6FFF_FFFF, 1)]).map(\.version)
    }
    #expect(try versions(3) == ["GLIBC_2.4", "GLIBC_2.4", "GLIBC_2.4"])
    #expect(try versions(PackageLimits.versions).count == PackageLimits.versions)
    #expect(throws: ElfFault.self) { try versions(PackageLimits.versions + 1) }
}

@Test("Of a library's symbols those are read that a host could call, and of these no more than a few")
func manySymbols() throws {
    func exports(_ count: Int, named name: String) throws -> [String] {
        let text = Array(name.utf8) + [UInt8](repeating: 0, count: 32 - name.utf8.count)
        let hash = table([(1, 4), (UInt64(count), 4)])
        let symbol = table([(0, 4), (0x10, 1), (0, 1), (1, 2), (0, 8), (0, 8)])
        let bytes = text + hash + (0..<count).flatMap { _ in symbol }
        return try image(bytes).exports("talkoot_module_", [(5, 0), (4, 32), (6, 40)])
    }
    #expect(try exports(3, named: "talkoot_module_v1") == ["talkoot_module_v1", "talkoot_module_v1"])
    #expect(try exports(5000, named: "other").isEmpty)
    #expect(throws: ElfFault.self) { try exports(PackageLimits.exports + 2, named: "talkoot_module_v1") }
}
