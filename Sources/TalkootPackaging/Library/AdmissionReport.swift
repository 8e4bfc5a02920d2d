public import TalkootCore

/// What is looked at before a library is loaded anywhere, with the verdict on each point.
///
/// The cell is the boundary; this keeps out what no honest compiler makes, and tells an author early what a host would refuse.
public struct AdmissionReport: Sendable {
    /// One point.
    public struct Check: Hashable, Sendable {
        /// What is looked at, `needed libraries` for instance.
        public let name: String
        /// Whether it is as it must be.
        public let isPassed: Bool
        /// What was found.
        public let detail: String
        /// What the author does about it; empty when it passed.
        public let remedy: String
    }

    /// The platform the library is for.
    public let platform: String
    /// The points, in the order they are looked at.
    public let checks: [Check]
    /// The libraries it needs.
    public let needed: [String]
    /// The newest glibc version it needs; `nil` when none.
    public let glibc: GlibcVersion?

    /// Whether every point passed.
    public var isAdmitted: Bool { checks.allSatisfy(\.isPassed) }

    /// The first point that did not pass, as an error; `nil` when all did.
    public var refusal: TalkootError? {
        checks.first { !$0.isPassed }.map {
            TalkootError(.badData, "the library for \(platform) is refused: \($0.name): \($0.detail)", remedy: $0.remedy)
        }
    }

    /// One line a point for `talkoot module inspect`: `ok` or `REFUSED`, the point, what was found, the remedy.
    public var lines: [String] {
        let width = checks.map(\.name.count).max() ?? 0
        return checks.map { check in
            let name = check.name + String(repeating: " ", count: width - check.name.count)
            let remedy = check.isPassed || check.remedy.isEmpty ? "" : " (\(check.remedy))"
            return "\(check.isPassed ? "ok     " : "REFUSED") \(name)  \(check.detail)\(remedy)"
        }
    }

    /// Looks at a library.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - platform: what it says it is for, `x86_64-linux-gnu` for instance.
    ///   - host: the machine that would load it; `nil` leaves out whether this machine's C library is new enough.
    /// - Returns: a report; a file that cannot be understood is a report with one failed point.
    public static func examine(_ bytes: [UInt8], platform: String, host: HostPlatform? = .current) -> AdmissionReport {
        let size = Check(
            name: "size", isPassed: (1...PackageLimits.libraryBytes).contains(bytes.count), detail: "\(bytes.count) bytes",
            remedy: "make it smaller than \(PackageLimits.libraryBytes) bytes")
        guard size.isPassed else { return AdmissionReport(platform: platform, checks: [size], needed: [], glibc: nil) }
        do {
            let library = try ElfLibrary(bytes)
            let admission = Admission(library: library, platform: platform, host: host)
            return AdmissionReport(
                platform: platform, checks: [size] + admission.checks, needed: library.needed, glibc: admission.newestGlibc)
        } catch {
            let form = Check(name: "file", isPassed: false, detail: error.reason, remedy: "build it again; it must be a shared library")
            return AdmissionReport(platform: platform, checks: [size, form], needed: [], glibc: nil)
        }
    }
}
