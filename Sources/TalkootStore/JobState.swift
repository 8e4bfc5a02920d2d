/// Where a job stands, as its journal remembers it.
public enum JobState: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Its coordinator works on it, or died doing so: the journal's lock tells which.
    case running
    /// Its output is complete under its final name.
    case done
    /// It cannot be finished; the text says why, for a person.
    case failed(reason: String)
    /// The requester stopped it.
    case cancelled

    /// Whether nothing more will happen to it.
    public var isFinal: Bool { self != .running }

    /// One word, as `talkoot jobs` shows it: `running`, `done`, `failed` or `cancelled`.
    public var description: String {
        switch self {
        case .running: "running"
        case .done: "done"
        case .failed: "failed"
        case .cancelled: "cancelled"
        }
    }
}
