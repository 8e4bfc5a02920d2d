import Glibc
import TalkootCore

/// What a launcher's cells share beside the thread that starts them: control groups, the owner's pause, a part of the processors.
final class CellControl: Sendable {
    let groups: ControlGroups
    let registry = CellRegistry()
    /// How much of the processors' time a cell may use: 1 is all that its threads can.
    let processorShare: Double
    /// What control groups bound on this machine.
    let report: LayerReport
    private let dutyCycle: DutyCycle?

    /// Beyond a cell's own memory and results: what the kernel keeps for it, and the libraries' pages.
    private static let ownBytes: UInt64 = 16 << 20
    /// Threads that have ended count a little longer; the cell's starter counts while it starts it.
    private static let spareTasks = 16

    /// Finds out what control groups this process may make, and makes what all cells share.
    ///
    /// - Throws: ``TalkootError`` `cannotCreate` when there is no thread left.
    convenience init(processorShare: Double) throws(TalkootError) {
        let hierarchies = ControlHierarchy.all(
            memberships: ControlFile.read("/proc/self/cgroup") ?? "", mounts: ControlFile.read("/proc/self/mountinfo") ?? "")
        let scene = ControlGroupPlan.Scene(process: getpid(), read: ControlFile.read) { access($0, W_OK) == 0 }
        let wanted: Set<ControlGroupPlan.Controller> = processorShare < 1 ? [.memory, .pids, .cpu] : [.memory, .pids]
        let plan = ControlGroupPlan(hierarchies, wanted: wanted, scene: scene)
        try self.init(processorShare: processorShare, groups: ControlGroups(plan), reason: plan.reason)
    }

    /// With these groups.
    init(processorShare: Double, groups: ControlGroups, reason: String = "") throws(TalkootError) {
        self.groups = groups
        report = Self.report(reason, active: groups.controllers)
        self.processorShare = processorShare
        dutyCycle = processorShare < 1 ? try DutyCycle(registry: registry) : nil
    }

    /// A control group for a cell with these limits; nil when there is none to have.
    func group(for limits: CellLimits) -> CellGroupLease? {
        let memory = CellConfiguration.dataBytes(limits) + CellConfiguration.responseBytes(outputBytes: limits.outputBytes) + Self.ownBytes
        let bounds = CellGroup.Bounds(
            memoryBytes: memory, tasks: max(1, limits.threads) + Self.spareTasks, processors: processors(limits))
        return CellGroupLease(bounds, from: groups)
    }

    /// A cell has started.
    func watch(_ process: CellProcess, limits: CellLimits) {
        registry.add(process, processors: process.hasQuota ? nil : processors(limits))
        if !process.hasQuota { dutyCycle?.wake() }
    }

    private func processors(_ limits: CellLimits) -> Double? {
        processorShare < 1 ? processorShare * Double(max(1, limits.threads)) : nil
    }

    private static func report(_ reason: String, active: Set<ControlGroupPlan.Controller>) -> LayerReport {
        let isActive = active.isSuperset(of: [.memory, .pids])
        let reason = reason.isEmpty ? "the kernel refused to make a group" : reason
        return LayerReport(
            name: "control groups", purpose: "memory and threads of a whole cell bounded by the kernel", isActive: isActive,
            reason: isActive ? "" : reason,
            remedy: isActive
                ? "" : "start it with `systemd-run --user --scope -p Delegate=yes talkoot volunteer`; without, resource limits hold alone")
    }
}
