import Glibc
import TalkootCore

/// What came of an attack.
public enum AttackVerdict: Hashable, Sendable {
    /// It got what it wanted.
    case through
    /// The call was answered with this error and the module went on with nothing.
    case refused(String)
    /// This system call was stopped and reported, and the cell ended.
    case forbidden(String)
    /// The kernel killed the cell at a call of another architecture.
    case killed
    /// This signal ended the cell.
    case crashed(Int32)
    /// The watchdog ended the cell.
    case deadline
    /// The cell met its limit of memory.
    case memory
    /// The cell met its limit of output.
    case output
    /// The agent noticed a lie and ended the cell.
    case violated
    /// The cell ended without an answer, with this status.
    case exited(Int32)
    /// Something else, in the outcome's own words.
    case other(String)

    /// The verdict on a unit that failed.
    init(_ outcome: UnitOutcome) {
        switch outcome {
        case .forbidden(_, let number, _) where number < 0: self = .killed
        case .forbidden(let call, _, _): self = .forbidden(call)
        case .crashed(let signal, _): self = .crashed(signal)
        case .deadline: self = .deadline
        case .memory: self = .memory
        case .output: self = .output
        case .violated: self = .violated
        case .exited(let status): self = .exited(status)
        case .done, .failed: self = .other(outcome.summary)
        }
    }

    /// The verdict that a module found by itself and wrote as its result.
    init(finding: [UInt8]) {
        let text = String(decoding: finding.prefix(64), as: UTF8.self)
        self = text == "through" ? .through : .refused(text)
    }

    /// The verdict in a few words.
    public var summary: String {
        switch self {
        case .through: "got through"
        case .refused(let error): "answered with \(error)"
        case .forbidden(let call): "forbidden: \(call)"
        case .killed: "killed by SIGSYS"
        case .crashed(let signal): "crashed: \(Self.signals[signal] ?? "signal \(signal)")"
        case .deadline: "deadline"
        case .memory: "memory"
        case .output: "output"
        case .violated: "violated"
        case .exited(let status): "exited with \(status)"
        case .other(let words): words
        }
    }

    private static let signals: [Int32: String] = [SIGSEGV: "SIGSEGV", SIGABRT: "SIGABRT", SIGILL: "SIGILL", SIGBUS: "SIGBUS"]
}
