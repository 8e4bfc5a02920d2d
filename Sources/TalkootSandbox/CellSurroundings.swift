/// What a cell finds round it beside its confinement; the same in every cell, unless somebody tests whether a module depends on it.
public struct CellSurroundings: Hashable, Sendable {
    /// The most variables that can be added.
    static let variableLimit = 8

    /// Added to the environment, before the standard variables, at most 8.
    public var variables: [String: String]
    /// Whether the system loads cells to the same addresses each time; where it refuses that, addresses stay random.
    public var areAddressesFixed: Bool

    /// The surroundings; by default the standard ones.
    public init(variables: [String: String] = [:], areAddressesFixed: Bool = false) {
        precondition(variables.count <= Self.variableLimit, "at most \(Self.variableLimit) variables can be added")
        self.variables = variables
        self.areAddressesFixed = areAddressesFixed
    }
}
