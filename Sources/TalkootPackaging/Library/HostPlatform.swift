import Glibc

/// What this machine can load: its architecture, the level of its processor and the version of its C library.
public struct HostPlatform: Hashable, Sendable {
    /// The platforms whose libraries run here, best first: `x86_64-v3-linux-gnu`, `x86_64-linux-gnu`.
    public var names: [String]
    /// The C library's version.
    public var glibc: GlibcVersion

    /// Describes a machine.
    public init(names: [String], glibc: GlibcVersion) {
        self.names = names
        self.glibc = glibc
    }

    /// This machine, found once.
    public static let current = HostPlatform(names: detectNames(), glibc: detectGlibc())

    /// The platform of this machine without regard to the processor's level.
    public var baseline: String { names.last ?? "" }

    /// Whether a library of `platform` is for this architecture, whatever processor it needs.
    func isSameArchitecture(as platform: String) -> Bool {
        platform.prefix { $0 != "-" } == baseline.prefix { $0 != "-" }
    }

    /// The levels of the x86-64 psABI that a processor with these flags (of `/proc/cpuinfo`) has.
    static func names(architecture: String, processorFlags: Set<Substring>) -> [String] {
        guard architecture == "x86_64" else { return ["\(architecture)-linux-gnu"] }
        var names = ["x86_64-linux-gnu"]
        let levels: [(String, Set<Substring>)] = [
            ("v2", ["cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"]),
            ("v3", ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"]),
            ("v4", ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]),
        ]
        for (level, needed) in levels {
            guard needed.isSubset(of: processorFlags) else { break }
            names.insert("x86_64-\(level)-linux-gnu", at: 0)
        }
        return names
    }

    private static func detectNames() -> [String] {
        #if arch(x86_64)
            // The first processor's entry is enough: a machine's processors have the same level.
            let text = firstBytes(of: "/proc/cpuinfo", count: 8192)
            let line = text.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
            return names(architecture: "x86_64", processorFlags: Set(line.split { $0 == " " || $0 == "\t" }))
        #elseif arch(arm64)
            return names(architecture: "aarch64", processorFlags: [])
        #else
            return []
        #endif
    }

    private static func firstBytes(of path: String, count: Int) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: count)
        let length = read(descriptor, &buffer, count)
        return String(decoding: buffer[..<max(length, 0)], as: UTF8.self)
    }

    private static func detectGlibc() -> GlibcVersion {
        var buffer = [CChar](repeating: 0, count: 64)
        confstr(Int32(_CS_GNU_LIBC_VERSION), &buffer, buffer.count)
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let version = text.split(separator: " ").last.flatMap({ GlibcVersion(String($0)) }) ?? GlibcVersion("2.17") else {
            preconditionFailure("2.17 is a version")
        }
        return version
    }
}
