import Glibc
public import TalkootCore

/// Compiles a module's sources into the shared libraries that a package holds: what `talkoot module build` calls.
///
/// The directory holds `module.yaml` and `src/` with C, C++ or Swift sources; the libraries go to `.build/PLATFORM/module.so` in it.
/// What is newer than its sources and was built by the same command is kept.
public struct ModuleBuilder: Sendable {
    /// A library that was built.
    public struct Library: Sendable {
        /// The platform it is for.
        public let platform: String
        /// Where it lies.
        public let path: String
        /// What hosts will say of it.
        public let report: AdmissionReport
        /// Whether this call compiled it; false when it was up to date.
        public let isFresh: Bool
        /// What the compilers said while they made it: warnings, or nothing.
        public let messages: String
    }

    private let sdk: ModuleSDK?

    /// A builder that uses `sdk`, or the one that ``ModuleSDK/locate()`` finds.
    public init(sdk: ModuleSDK? = nil) { self.sdk = sdk }

    /// Builds every variant of the module for this machine's architecture: the baseline and, on x86-64, level v3.
    ///
    /// - Returns: the libraries, best level last, each of which passed admission.
    /// - Throws: ``TalkootError`` `notFound` for a missing directory, SDK or compiler, `badData` for a faulty manifest, for sources that
    ///   do not compile (with the compiler's words) and for a library that hosts would refuse.
    public func build(directory: String) throws(TalkootError) -> [Library] {
        let sources = try ModuleSources(directory: directory)
        let sdk = if let sdk { sdk } else { try ModuleSDK.locate() }
        var libraries: [Library] = []
        for variant in Variant.all {
            let recipe = try Recipe(sources: sources, variant: variant, sdk: sdk)
            let messages = try recipe.perform()
            let bytes = try Files.read(recipe.library, limitBytes: PackageLimits.libraryBytes)
            let report = AdmissionReport.examine(bytes, platform: variant.platform)
            if let refusal = report.refusal { throw refusal }
            libraries.append(
                Library(
                    platform: variant.platform, path: recipe.library, report: report, isFresh: messages != nil, messages: messages ?? ""))
        }
        return libraries
    }

    /// Builds the plainest variant once more, with a pattern in every variable that the sources leave unset, to find out whether results
    /// depend on such variables.
    ///
    /// - Returns: the library; `nil` for Swift, where there is no such variable, and for compilers that cannot do it.
    /// - Throws: ``TalkootError`` `notFound` for a missing directory or SDK, `badData` for a faulty manifest.
    public func buildFilled(directory: String) throws(TalkootError) -> [UInt8]? {
        let sources = try ModuleSources(directory: directory)
        guard sources.language != .swift, let plain = Variant.all.first else { return nil }
        let sdk = if let sdk { sdk } else { try ModuleSDK.locate() }
        let variant = Variant(
            platform: plain.platform, processor: nil, folder: "filled", flags: ["-ftrivial-auto-var-init=pattern", "-Wno-unused"])
        let recipe = try Recipe(sources: sources, variant: variant, sdk: sdk)
        guard (try? recipe.perform()) != nil else { return nil }
        return try Files.read(recipe.library, limitBytes: PackageLimits.libraryBytes)
    }

    /// A processor level to compile for.
    struct Variant {
        let platform: String
        /// The compilers' `-march=`, when it is not the architecture's default.
        let processor: String?
        /// The folder in `.build`, when it is not the platform's.
        var folder: String?
        /// More for the compilers of C and C++.
        var flags: [String] = []

        static var all: [Variant] {
            #if arch(x86_64)
                [
                    Variant(platform: "x86_64-linux-gnu", processor: nil),
                    Variant(platform: "x86_64-v3-linux-gnu", processor: "x86-64-v3"),
                ]
            #else
                [Variant(platform: HostPlatform.current.baseline, processor: nil)]
            #endif
        }
    }
}
