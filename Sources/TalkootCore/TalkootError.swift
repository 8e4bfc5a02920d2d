/// What went wrong, why, and what to do about it: the one error type at the public edge of every target.
///
/// Printed as one line. `code` decides the exit status of the command and the `code` field of a protocol error.
public struct TalkootError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure. Open: a new kind is a new constant, and an unknown one is treated as ``internalError``.
    public struct Code: Hashable, Sendable, RawRepresentable, Codable {
        /// The name used on the wire and in `--json` output.
        public let rawValue: String

        /// Names a kind of failure.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The job ran and failed (exit status 1).
        public static let jobFailed = Code(rawValue: "job-failed")
        /// The command line is wrong (64).
        public static let usage = Code(rawValue: "usage")
        /// A module, manifest, message or input is malformed (65).
        public static let badData = Code(rawValue: "bad-data")
        /// A named thing is not there (66).
        public static let notFound = Code(rawValue: "not-found")
        /// A peer cannot be reached (69).
        public static let unreachable = Code(rawValue: "unreachable")
        /// A bug in this program (70).
        public static let internalError = Code(rawValue: "internal")
        /// A file or socket cannot be created (73).
        public static let cannotCreate = Code(rawValue: "cannot-create")
        /// Reading or writing failed, a full disk for instance (74).
        public static let inputOutput = Code(rawValue: "input-output")
        /// It may work later: busy, or no volunteer at the moment (75).
        public static let tryLater = Code(rawValue: "try-later")
        /// Not allowed: wrong password, no permission, policy (77).
        public static let refused = Code(rawValue: "refused")
        /// Stopped by the user (130).
        public static let interrupted = Code(rawValue: "interrupted")
    }

    /// The kind of failure.
    public var code: Code
    /// What happened and why, a phrase without a final full stop.
    public var message: String
    /// What to do next, a phrase without a final full stop; empty when there is nothing to add.
    public var remedy: String

    /// Makes an error; `message` says what and why, `remedy` what to do.
    public init(_ code: Code, _ message: String, remedy: String = "") {
        self.code = code
        self.message = message
        self.remedy = remedy
    }

    /// One line: the message, then the remedy.
    public var description: String {
        (remedy.isEmpty ? message : "\(message); \(remedy)").replacing(newlinesWith: " ")
    }

    /// The exit status of a command that ends with this error, after sysexits.h.
    public var exitStatus: Int32 {
        switch code {
        case .jobFailed: 1
        case .usage: 64
        case .badData: 65
        case .notFound: 66
        case .unreachable: 69
        case .cannotCreate: 73
        case .inputOutput: 74
        case .tryLater: 75
        case .refused: 77
        case .interrupted: 130
        default: 70
        }
    }
}

extension String {
    fileprivate func replacing(newlinesWith replacement: Character) -> String {
        String(map { $0.isNewline ? replacement : $0 })
    }
}
