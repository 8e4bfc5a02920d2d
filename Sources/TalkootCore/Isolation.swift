/// How far the units of a job are kept apart on a machine.
public enum Isolation: String, Hashable, Sendable, Codable {
    /// A cell runs unit after unit: what a unit leaves in the module's memory, the next one finds.
    case job
    /// Each unit has a process of its own, which loads the module anew.
    case unit
}
