/// A control group while one cell has it. It goes back to the pool with its last owner.
final class CellGroupLease: Sendable {
    let group: CellGroup
    let groups: ControlGroups

    /// Takes a group; nil when there is none to have.
    init?(_ bounds: CellGroup.Bounds, from groups: ControlGroups) {
        guard let group = groups.take(bounds) else { return nil }
        self.group = group
        self.groups = groups
    }

    deinit {
        if group.isInhabited { group.kill() }
        groups.give(back: group)
    }
}
