/// How a unit ended. What a module does wrong is a value, never an error of this program.
public enum UnitOutcome: Hashable, Sendable, Codable {
    /// It returned its result.
    case done
    /// The module said that it failed, with its own words (at most 1 KiB).
    case failed(message: String)
    /// A signal ended the cell; `place` is where in the module, as `sieve (module.so+0x1234)`, without the function's name when
    /// the library has none there, and empty when even the address is unknown. At most 1 KiB.
    case crashed(signal: Int32, place: String)
    /// The module made a system call that the policy forbids; `place` as in a crash.
    case forbidden(call: String, number: Int32, place: String = "")
    /// It ran longer than its wall-clock or processor limit, in seconds.
    case deadline(seconds: Double)
    /// It needed more memory than its limit, in bytes.
    case memory(limitBytes: UInt64)
    /// Its result was larger than its limit, in bytes.
    case output(limitBytes: UInt64)
    /// The cell broke the rules of the exchange; the text says which.
    case violated(rule: String)
    /// The cell ended without an answer, with this status.
    case exited(status: Int32)

    /// Whether the unit has a result.
    public var isDone: Bool { self == .done }

    /// The outcome in words, for a person.
    public var summary: String {
        switch self {
        case .done: "done"
        case .failed(let message): "failed: \(message)"
        case .crashed(let signal, let place): "crashed by signal \(signal)" + Self.words(for: place)
        case .forbidden(let call, let number, let place):
            "stopped at the forbidden system call \(call) (\(number))" + Self.words(for: place)
        case .deadline(let seconds): "stopped after its limit of \(seconds) s"
        case .memory(let limit): "needed more than its \(NumberText.size(limit)) of memory"
        case .output(let limit): "wrote more than its \(NumberText.size(limit)) of output"
        case .violated(let rule): "broke the rules of the exchange: \(rule)"
        case .exited(let status): "ended without an answer, with status \(status)"
        }
    }
    private static func words(for place: String) -> String {
        if place.isEmpty { return "" }
        return place.contains(" ") ? " in \(place)" : " at \(place)"
    }
}
