import Glibc
import Synchronization

/// The control groups of a launcher's cells: as many as there were cells at once, each used by one cell at a time.
final class ControlGroups: Sendable {
    private let legacy: [(controller: ControlGroupPlan.Controller, group: AgentGroup)]
    private let unified: (controllers: Set<ControlGroupPlan.Controller>, group: AgentGroup)?
    /// Where the thread that starts cells belongs, in the order of `legacy`.
    let homes: [LegacyPlace]

    private struct Pool {
        var free: [CellGroup] = []
        var count = 0
    }

    private let pool = Mutex(Pool())

    /// Follows a plan. What fails in it is left out.
    init(_ plan: ControlGroupPlan) {
        var legacy: [(controller: ControlGroupPlan.Controller, group: AgentGroup)] = []
        var homes: [LegacyPlace] = []
        for part in plan.legacy {
            guard let home = try? LegacyPlace(part.home), let group = try? AgentGroup(in: part.home) else { continue }
            homes.append(home)
            legacy.append((part.controller, group))
        }
        self.legacy = legacy
        self.homes = homes
        unified = plan.unified.flatMap(Self.prepare)
    }

    /// What the groups bound.
    var controllers: Set<ControlGroupPlan.Controller> { Set(legacy.map(\.controller)).union(unified?.controllers ?? []) }
    /// The agent's directories, one in each hierarchy.
    var directories: [String] { legacy.map(\.group.directory) + (unified.map { [$0.group.directory] } ?? []) }

    private static func prepare(_ plan: ControlGroupPlan.Unified) -> (controllers: Set<ControlGroupPlan.Controller>, group: AgentGroup)? {
        if let leaf = plan.leaf {
            guard mkdir(leaf, 0o755) == 0 || errno == EEXIST, ControlFile.write("\(getpid())", to: leaf + "/cgroup.procs") == 0 else {
                return nil
            }
        }
        enable(plan.missing, in: plan.home)
        guard let group = try? AgentGroup(in: plan.home) else { return nil }
        return (enable(plan.controllers, in: group.directory), group)
    }

    /// Switches controllers on for the groups inside.
    ///
    /// - Returns: those that are on now.
    @discardableResult
    private static func enable(_ controllers: Set<ControlGroupPlan.Controller>, in directory: String) -> Set<ControlGroupPlan.Controller> {
        controllers.filter { ControlFile.write("+\($0.rawValue)", to: directory + "/cgroup.subtree_control") == 0 }
    }

    /// A group for one cell, to be given back with ``give(back:)``. About 0.2 ms when one has to be made, else nothing to speak of.
    ///
    /// - Returns: nil when none can be made.
    func take(_ bounds: CellGroup.Bounds) -> CellGroup? {
        guard !legacy.isEmpty || unified != nil else { return nil }
        let (known, number) = pool.withLock { pool -> (CellGroup?, Int) in
            if let free = pool.free.popLast() { return (free, 0) }
            pool.count += 1
            return (nil, pool.count)
        }
        let group = try? known ?? CellGroup(name: "cell-\(number)", legacy: legacy, unified: unified)
        group?.set(bounds)
        return group
    }

    /// The cell is gone.
    func give(back group: CellGroup) {
        guard !group.isSpent else { return }
        group.freeze(.thawed)
        pool.withLock { $0.free.append(group) }
    }
}
