public import TalkootCore

/// What a cell is started with.
public struct CellSettings: Sendable {
    /// Own user ids run from here, one a slot, when the agent runs as root.
    static let firstUserID: UInt32 = 61184
    /// The most slots: own user ids end at 65519.
    static let slotLimit = 4336

    /// The module's library.
    public var library: LibraryImage
    /// The job's parameters by name, defaults applied: what a manifest declares, nothing else.
    public var parameters: [String: ParameterValue]
    /// What the cell may use.
    public var limits: CellLimits
    /// How far the job's units are kept apart.
    public var isolation: Isolation
    /// Which of the agent's slots the cell fills, 0 ..< 4336. Two cells alive at a time have different slots.
    public var slot: Int

    /// The settings of a cell.
    public init(
        library: LibraryImage, parameters: [String: ParameterValue] = [:], limits: CellLimits = CellLimits(), isolation: Isolation = .job,
        slot: Int = 0
    ) {
        precondition((0..<Self.slotLimit).contains(slot), "a slot lies in 0 ..< \(Self.slotLimit)")
        self.library = library
        self.parameters = parameters
        self.limits = limits
        self.isolation = isolation
        self.slot = slot
    }
}
