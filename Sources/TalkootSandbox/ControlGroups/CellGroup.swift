import CTalkootSystem
import Glibc
import Synchronization

/// The control groups of one cell: one in each hierarchy that is in use. Cells come and go, the groups stay with the launcher.
final class CellGroup: Sendable {
    /// What a group is set to.
    struct Bounds: Hashable, Sendable {
        /// All memory that is charged to the cell: its own, its results, and the kernel's for it.
        var memoryBytes: UInt64
        /// Threads.
        var tasks: Int
        /// How many processors' time it may use; nil without a bound.
        var processors: Double?
    }

    /// The time over which processor time is measured out, in microseconds, and the least part of it that the kernel takes.
    private static let period = 100_000
    private static let leastQuota = 1_000
    /// How long a freeze may take before it is not waited for, in milliseconds. It takes less than one.
    private static let freezingMilliseconds: Int32 = 50

    private struct Known {
        var bounds: Bounds?
        var hasQuota = false
        var kills: UInt64 = 0
        var isSpent = false
    }

    /// The directories by controller; a controller of version 2 has the unified one.
    private let directories: [ControlGroupPlan.Controller: String]
    private let unifiedDirectory: String?
    /// The directory of version 2 that a new process is born into; -1 without.
    let unified: Descriptor
    /// The groups of version 1, in the order of the agent's.
    let legacy: [LegacyPlace]
    private let known = Mutex(Known())

    /// - Parameters:
    ///   - legacy: the agent's groups in hierarchies of version 1.
    ///   - unified: the agent's group of version 2 with its controllers.
    /// - Throws: the errno of the step that failed.
    init(
        name: String, legacy: [(controller: ControlGroupPlan.Controller, group: AgentGroup)],
        unified: (controllers: Set<ControlGroupPlan.Controller>, group: AgentGroup)?
    ) throws(SystemFault) {
        var directories: [ControlGroupPlan.Controller: String] = [:]
        var places: [LegacyPlace] = []
        for (controller, group) in legacy {
            let directory = try Self.make("\(group.directory)/\(name)")
            directories[controller] = directory
            places.append(try LegacyPlace(directory))
        }
        unifiedDirectory = if let unified { try Self.make("\(unified.group.directory)/\(name)") } else { nil }
        for controller in unified?.controllers ?? [] { directories[controller] = unifiedDirectory }
        self.directories = directories
        self.legacy = places
        self.unified = Descriptor(unifiedDirectory.map { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) } ?? -1)
    }

    private static func make(_ directory: String) throws(SystemFault) -> String {
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else { throw SystemFault(errno) }
        return directory
    }

    /// Whether processor time is bounded here.
    var hasQuota: Bool { known.withLock { $0.hasQuota } }
    /// Whether cells can be frozen here.
    var canFreeze: Bool { unifiedDirectory != nil }

    /// Prepares the group for the next cell. Writes only what is not so already.
    func set(_ bounds: Bounds) {
        known.withLock { known in
            setWeight(.starting)
            guard known.bounds != bounds else { return }
            if known.bounds?.memoryBytes != bounds.memoryBytes { setMemory(bounds.memoryBytes) }
            if let directory = directories[.pids] { ControlFile.write(String(bounds.tasks), to: directory + "/pids.max") }
            known.hasQuota = bounds.processors.map(setQuota) ?? false
            known.bounds = bounds
        }
    }

    private func setMemory(_ bytes: UInt64) {
        guard let directory = directories[.memory] else { return }
        if directory == unifiedDirectory {
            ControlFile.write(String(bytes), to: directory + "/memory.max")
            ControlFile.write("0", to: directory + "/memory.swap.max")
        } else {
            ControlFile.write("-1", to: directory + "/memory.memsw.limit_in_bytes")
            ControlFile.write(String(bytes), to: directory + "/memory.limit_in_bytes")
            ControlFile.write(String(bytes), to: directory + "/memory.memsw.limit_in_bytes")
        }
    }

    private func setQuota(_ processors: Double) -> Bool {
        guard let directory = directories[.cpu] else { return false }
        let quota = max(Self.leastQuota, Int(processors * Double(Self.period)))
        if directory == unifiedDirectory {
            return ControlFile.write("\(quota) \(Self.period)", to: directory + "/cpu.max") == 0
        }
        return ControlFile.write(String(Self.period), to: directory + "/cpu.cfs_period_us") == 0
            && ControlFile.write(String(quota), to: directory + "/cpu.cfs_quota_us") == 0
    }

    /// How a group competes with the machine's other programs: it counts as one of them, whatever the niceness inside.
    enum Weight {
        /// As they do: a start that waits for everybody else takes long.
        case starting
        /// After all of them.
        case running
    }

    /// Sets what the group weighs where it has processor time of its own.
    func setWeight(_ weight: Weight) {
        guard let directory = directories[.cpu] else { return }
        if directory == unifiedDirectory {
            ControlFile.write(weight == .starting ? "100" : "1", to: directory + "/cpu.weight")
        } else {
            ControlFile.write(weight == .starting ? "1024" : "2", to: directory + "/cpu.shares")
        }
    }

    /// Stops everything in the group, or lets it go on. A frozen cell can be killed.
    ///
    /// - Returns: whether the kernel did it; false when it cannot, or a freeze took too long.
    @discardableResult
    func freeze(_ isFrozen: Freeze) -> Bool {
        guard let directory = unifiedDirectory else { return false }
        guard ControlFile.write(isFrozen.rawValue, to: directory + "/cgroup.freeze") == 0 else { return false }
        return isFrozen == .thawed || talkoot_await_frozen(directory + "/cgroup.events", Self.freezingMilliseconds) == 0
    }

    /// What a group is told.
    enum Freeze: String { case frozen = "1", thawed = "0" }

    /// Whether the kernel killed something here for want of memory since the last time that this was asked.
    func ranOutOfMemory() -> Bool {
        guard let directory = directories[.memory] else { return false }
        let file = directory == unifiedDirectory ? "/memory.events" : "/memory.oom_control"
        guard let kills = ControlFile.number("oom_kill", in: directory + file) else { return false }
        return known.withLock { known in
            defer { known.kills = kills }
            return kills > known.kills
        }
    }

    /// Whether a process is left that the agent did not start: one that a cell made. Known in version 2 only.
    var isInhabited: Bool {
        unifiedDirectory.map { ControlFile.number("populated", in: $0 + "/cgroup.events") == 1 } ?? false
    }

    /// Kills everything that is left in the group. Kernels before 5.14 cannot. Linux 6.18 kills whatever is started in such a
    /// group later, too, so it is used no more.
    func kill() {
        guard let directory = unifiedDirectory else { return }
        known.withLock { $0.isSpent = true }
        ControlFile.write("1", to: directory + "/cgroup.kill")
    }

    /// Whether no cell is to be started here any more.
    var isSpent: Bool { known.withLock { $0.isSpent } }
}

/// The `tasks` file of a group of version 1.
final class LegacyPlace: Sendable {
    let tasks: Descriptor

    /// - Throws: the errno of opening it.
    init(_ directory: String) throws(SystemFault) {
        let tasks = Descriptor(open(directory + "/tasks", O_WRONLY | O_CLOEXEC))
        guard tasks.number >= 0 else { throw SystemFault(errno) }
        self.tasks = tasks
    }
}
