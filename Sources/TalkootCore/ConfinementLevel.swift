/// How strongly a machine can confine a cell, found by trying when the agent starts.
public enum ConfinementLevel: Int, Comparable, Sendable, Codable, CaseIterable, CustomStringConvertible {
    /// Nothing holds: no module is run.
    case none = 0
    /// System call filter and resource limits.
    case filtered = 1
    /// Filter, limits and Landlock, without namespaces.
    case landlocked = 2
    /// All layers: namespaces, own identity, Landlock, limits, filter.
    case full = 4

    /// A higher number holds more.
    public static func < (left: ConfinementLevel, right: ConfinementLevel) -> Bool { left.rawValue < right.rawValue }

    /// The number that the command line and the protocol use.
    public var description: String { String(rawValue) }
}
