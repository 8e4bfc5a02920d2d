import TalkootCore

/// The points of ``AdmissionReport``, each a property.
struct Admission {
    let library: ElfLibrary
    let platform: String
    let host: HostPlatform?

    /// The one symbol that the ABI knows.
    static let entryPoint = "talkoot_module_v1"

    private static let allowedLibraries: Set<String> = [
        "libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libgcc_s.so.1", "libstdc++.so.6",
    ]

    /// Dynamic entries that change which files are loaded or write to code.
    private static let forbidden: [(tag: UInt64, name: String)] = [
        (15, "RPATH"), (29, "RUNPATH"), (22, "TEXTREL"), (0x6FFF_FEFC, "AUDIT"), (0x6FFF_FEFB, "DEPAUDIT"), (0x7FFF_FFFF, "FILTER"),
        (0x7FFF_FFFD, "AUXILIARY"), (0x6FFF_FEFA, "CONFIG"),
    ]
    private static let flags: UInt64 = 30
    private static let flagTextRelocations: UInt64 = 4

    var checks: [AdmissionReport.Check] {
        [kind, machine, layout, writableCode, stack, loading, libraries, cLibrary, entryPoint]
    }

    private func check(_ name: String, _ isPassed: Bool, _ detail: String, _ remedy: String) -> AdmissionReport.Check {
        AdmissionReport.Check(name: name, isPassed: isPassed, detail: detail, remedy: isPassed ? "" : remedy)
    }

    private var kind: AdmissionReport.Check {
        let hasInterpreter = library.segments.contains { $0.type == ElfLibrary.typeInterpreter }
        let isShared = library.type == 3 && !hasInterpreter
        return check("kind", isShared, isShared ? "a shared library" : "not a shared library", "link it with -shared")
    }

    private var machine: AdmissionReport.Check {
        let names: [UInt64: String] = [62: "x86_64", 183: "aarch64"]
        let found = names[library.machine] ?? "machine \(library.machine)"
        let expected = String(platform.prefix { $0 != "-" })
        return check("machine", found == expected, found, "build it for \(platform)")
    }

    private var layout: AdmissionReport.Check {
        let loads = library.segments.filter { $0.type == ElfLibrary.typeLoad }
        var end: UInt64 = 0
        for load in loads {
            let (next, overflow) = load.address.addingReportingOverflow(load.memoryBytes)
            guard load.address >= end, !overflow, load.fileBytes <= load.memoryBytes else {
                return check("layout", false, "segments overlap or are out of order", "use the system's linker as it is")
            }
            end = next
        }
        let isAtZero = loads.first?.address == 0
        return check(
            "layout", isAtZero, isAtZero ? "\(loads.count) segments from address 0" : "linked to a fixed address",
            "link it without -Ttext, --image-base or a script of your own")
    }

    private var writableCode: AdmissionReport.Check {
        let found = library.segments.contains { $0.type == ElfLibrary.typeLoad && $0.isWritable && $0.isExecutable }
        return check(
            "code", !found, found ? "a segment is writable and executable" : "no segment is writable and executable",
            "link it without -N or --omagic")
    }

    private var stack: AdmissionReport.Check {
        let stacks = library.segments.filter { $0.type == ElfLibrary.typeStack }
        let isPassed = !stacks.isEmpty && stacks.allSatisfy { !$0.isExecutable }
        return check("stack", isPassed, isPassed ? "not executable" : "executable", "link it with -Wl,-z,noexecstack")
    }

    private var loading: AdmissionReport.Check {
        var found = Self.forbidden.filter { library.value($0.tag) != nil }.map(\.name)
        if let flags = library.value(Self.flags), flags & Self.flagTextRelocations != 0, !found.contains("TEXTREL") {
            found.append("TEXTREL")
        }
        return check(
            "loading", found.isEmpty, found.isEmpty ? "no search path, audit, filter or text relocation" : found.joined(separator: ", "),
            found.contains("TEXTREL") ? "compile it with -fPIC" : "link it without -rpath, --audit and --filter")
    }

    private var libraries: AdmissionReport.Check {
        let foreign = library.needed.filter { !Self.allowedLibraries.contains($0) }
        let detail = library.needed.isEmpty ? "none" : library.needed.joined(separator: ", ")
        return check(
            "needs", foreign.isEmpty, foreign.isEmpty ? detail : "\(foreign.joined(separator: ", ")) is not in a cell",
            "link it statically; a cell has libc, libm, libgcc_s and libstdc++ only")
    }

    /// The newest numbered version that it needs.
    var newestGlibc: GlibcVersion? { library.glibcVersions.compactMap { GlibcVersion(String($0.dropFirst(6))) }.max() }

    private var cLibrary: AdmissionReport.Check {
        // GLIBC_ABI_DT_RELR marks packed relocations, which glibc 2.36 brought.
        let known = library.glibcVersions.map { $0 == "GLIBC_ABI_DT_RELR" ? "GLIBC_2.36" : $0 }
        if let odd = known.first(where: { GlibcVersion(String($0.dropFirst(6))) == nil }) {
            return check("C library", false, "it needs \(odd)", "use the C library's public functions only")
        }
        let newest = known.compactMap { GlibcVersion(String($0.dropFirst(6))) }.max()
        let detail = newest.map { "needs glibc \($0)" } ?? "any"
        guard let host, let newest, host.isSameArchitecture(as: platform), host.glibc < newest else {
            return check("C library", true, detail, "")
        }
        return check("C library", false, "\(detail), this machine has \(host.glibc)", "build it on an older system")
    }

    private var entryPoint: AdmissionReport.Check {
        let found = library.exports
        let isPassed = found == [Self.entryPoint]
        return check(
            "entry point", isPassed, found.isEmpty ? "no talkoot_module_* is exported" : found.joined(separator: ", "),
            "export \(Self.entryPoint) and no other talkoot_module_*")
    }
}
