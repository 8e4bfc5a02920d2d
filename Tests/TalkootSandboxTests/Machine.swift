import Foundation
import Testing

@testable import TalkootSandbox

/// What this machine lets tests do with control groups.
enum Machine {
    /// The plan of this process.
    static let plan = plan(wanted: [.memory, .pids, .cpu])

    static func plan(wanted: Set<ControlGroupPlan.Controller>) -> ControlGroupPlan {
        let hierarchies = ControlHierarchy.all(
            memberships: ControlFile.read("/proc/self/cgroup") ?? "", mounts: ControlFile.read("/proc/self/mountinfo") ?? "")
        let scene = ControlGroupPlan.Scene(process: getpid(), read: ControlFile.read) { access($0, W_OK) == 0 }
        return ControlGroupPlan(hierarchies, wanted: wanted, scene: scene)
    }

    static var boundsMemory: Bool { plan.controllers.contains(.memory) }
    static var boundsThreads: Bool { plan.controllers.contains(.pids) }
    static var boundsProcessors: Bool { plan.controllers.contains(.cpu) }
    static var freezes: Bool { plan.unified != nil }

    /// Why a test is skipped.
    static let without: Comment = "this user may not make such control groups here"

    /// Where groups are made.
    static var homes: [String] { plan.legacy.map(\.home) + (plan.unified.map { [$0.home] } ?? []) }

    /// A plan that uses nothing.
    static var noPlan: ControlGroupPlan {
        ControlGroupPlan([], wanted: [], scene: .init(process: 0, read: { _ in nil }, isWritable: { _ in false }))
    }

    /// Lets real time pass, where time is what a test is about.
    static func pass(milliseconds: Int32) { poll(nil, 0, milliseconds) }

    /// Waits until something is so; for what the kernel does a moment later.
    static func soon(within seconds: Int = 10, _ holds: () -> Bool) -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if holds() { return true }
            pass(milliseconds: 1)
        }
        return holds()
    }
}
