/// One layer of confinement on this machine: whether it holds, and if not, why and what would make it.
public struct LayerReport: Hashable, Sendable {
    /// The layer: `namespaces`, `own user`, `landlock`, `limits` or `system call filter`.
    public var name: String
    /// What the layer keeps a module from, for a person.
    public var purpose: String
    /// Whether cells on this machine have it.
    public var isActive: Bool
    /// Why it is missing: the step that failed and the system's words; empty when it is active.
    public var reason: String
    /// What the owner of the machine can do about it; empty when it is active.
    public var remedy: String

    /// Reports on a layer.
    public init(name: String, purpose: String, isActive: Bool, reason: String = "", remedy: String = "") {
        self.name = name
        self.purpose = purpose
        self.isActive = isActive
        self.reason = reason
        self.remedy = remedy
    }
}
