extension UnitOutcome {
    /// The outcome as a line of a capsule: its kind, its number where it has one, its text.
    public var line: String {
        switch self {
        case .done: "done"
        case .failed(let message): "failed \(message)"
        case .crashed(let signal, let place): "crashed \(signal) \(place)"
        case .forbidden(let call, let number, let place): "forbidden \(number) \(call)\(place.isEmpty ? "" : Self.gap + place)"
        case .deadline(let seconds): "deadline \(seconds)"
        case .memory(let limit): "memory \(limit)"
        case .output(let limit): "output \(limit)"
        case .violated(let rule): "violated \(rule)"
        case .exited(let status): "exited \(status)"
        }
    }

    /// Reads what ``line`` writes; nil for anything else.
    public init?(line: String) {
        let (kind, rest) = Self.halves(line)
        let (number, text) = Self.halves(rest)
        switch kind {
        case "done" where rest.isEmpty: self = .done
        case "failed": self = .failed(message: String(rest))
        case "crashed": if let signal = Int32(number) { self = .crashed(signal: signal, place: String(text)) } else { return nil }
        case "forbidden": if let number = Int32(number) { self.init(call: text, number: number) } else { return nil }
        case "deadline":
            guard let seconds = Double(rest), seconds.isFinite, seconds >= 0 else { return nil }
            self = .deadline(seconds: seconds)
        case "memory": if let limit = UInt64(rest) { self = .memory(limitBytes: limit) } else { return nil }
        case "output": if let limit = UInt64(rest) { self = .output(limitBytes: limit) } else { return nil }
        case "violated": self = .violated(rule: String(rest))
        case "exited": if let status = Int32(rest) { self = .exited(status: status) } else { return nil }
        default: return nil
        }
    }

    /// A forbidden call from one text: its name and, perhaps, its place.
    public init(call text: some StringProtocol, number: Int32) {
        guard let start = text.firstRange(of: Self.gap) else {
            self = .forbidden(call: String(text), number: number)
            return
        }
        self = .forbidden(call: String(text[..<start.lowerBound]), number: number, place: String(text[start.upperBound...]))
    }

    /// Between the name of a forbidden call and its place.
    public static let gap = " in "

    /// Whether a unit that is run again ended as before: in the same way, with the same signal, call, status, rule or message. The
    /// place of a crash may differ, since a module that destroys its memory seldom falls over the same stone twice.
    public func isSame(as other: UnitOutcome) -> Bool {
        switch (self, other) {
        case (.crashed(let signal, _), .crashed(let again, _)): signal == again
        case (.forbidden(let call, let number, _), .forbidden(let again, let numberAgain, _)): call == again && number == numberAgain
        case (.deadline, .deadline), (.memory, .memory), (.output, .output): true
        default: self == other
        }
    }

    private static func halves(_ text: some StringProtocol) -> (Substring, Substring) {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        return (Substring(parts[0]), parts.count > 1 ? Substring(parts[1]) : "")
    }
}
