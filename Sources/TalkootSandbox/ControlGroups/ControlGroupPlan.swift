/// Where the control groups of cells go and what they bound. Pure: it is decided from what the kernel's files say.
struct ControlGroupPlan: Hashable, Sendable {
    /// What a group bounds.
    enum Controller: String, CaseIterable, Hashable, Sendable { case memory, pids, cpu }

    /// The system as far as the plan has to know it.
    struct Scene {
        /// This process.
        var process: Int32
        /// The text of a file; nil when it cannot be read.
        var read: (String) -> String?
        /// Whether this process may write a file or make something in a directory.
        var isWritable: (String) -> Bool
    }

    /// A hierarchy of version 1: groups are made inside the agent's own group.
    struct Legacy: Hashable, Sendable {
        var controller: Controller
        var home: String
    }

    /// The hierarchy of version 2.
    struct Unified: Hashable, Sendable {
        /// Groups are made inside this one.
        var home: String
        /// What groups there bound.
        var controllers: Set<Controller>
        /// What has to be switched on in `home` for that.
        var missing: Set<Controller> = []
        /// Where the agent moves before that: a group with controllers has groups or processes inside, not both.
        var leaf: String?
    }

    /// The leaf of an agent that stepped aside.
    static let leafName = "talkoot-agent"

    var legacy: [Legacy] = []
    var unified: Unified?
    /// Why something is not bounded; empty when all is.
    var reason = ""

    /// What the groups bound.
    var controllers: Set<Controller> { Set(legacy.map(\.controller)).union(unified?.controllers ?? []) }

    /// Decides. `wanted` leaves out what the owner does not need: a controller that is on costs a little at each switch of tasks.
    init(_ hierarchies: [ControlHierarchy], wanted: Set<Controller>, scene: Scene) {
        var reasons: [String] = []
        for controller in Controller.allCases where wanted.contains(controller) {
            for hierarchy in hierarchies {
                guard case .legacy(let names) = hierarchy.version, names.contains(controller.rawValue) else { continue }
                if scene.isWritable(hierarchy.ownDirectory), scene.isWritable(hierarchy.ownDirectory + "/tasks") {
                    legacy.append(Legacy(controller: controller, home: hierarchy.ownDirectory))
                } else {
                    reasons.append("\(hierarchy.ownDirectory) may not be written")
                }
            }
        }
        let rest = wanted.subtracting(legacy.map(\.controller))
        if let own = hierarchies.first(where: { $0.version == .unified })?.ownDirectory {
            unified = Self.unified(own, wanted: rest, scene: scene, reasons: &reasons)
        }
        let lacking = wanted.subtracting(controllers)
        guard !lacking.isEmpty else { return }
        let names = Controller.allCases.filter(lacking.contains).map(\.rawValue).joined(separator: ", ")
        reason =
            "\(names): "
            + (reasons.isEmpty ? "this kernel has no such control groups, or they are not mounted" : reasons[reasons.count - 1])
    }

    /// Version 2: beside the agent's leaf, in the root, or in the agent's own group when nothing else is in it.
    private static func unified(
        _ own: String, wanted: Set<Controller>, scene: Scene, reasons: inout [String]
    ) -> Unified? {
        let parent = own.split(separator: "/").last.map { String($0) } == leafName ? directory(above: own) : nil
        let home = parent ?? own
        guard scene.isWritable(home), scene.isWritable(home + "/cgroup.procs") else {
            reasons.append("\(home) may not be written")
            return nil
        }
        let offered = words(scene.read(home + "/cgroup.controllers"))
        let active = words(scene.read(home + "/cgroup.subtree_control"))
        let usable = wanted.filter { offered.contains($0.rawValue) }
        let missing = usable.filter { !active.contains($0.rawValue) }
        if missing.isEmpty { return Unified(home: home, controllers: usable) }
        guard scene.isWritable(home + "/cgroup.subtree_control") else {
            reasons.append("\(home)/cgroup.subtree_control may not be written")
            return Unified(home: home, controllers: usable.subtracting(missing))
        }
        // Only the root of all groups has no type.
        if parent != nil || scene.read(home + "/cgroup.type") == nil {
            return Unified(home: home, controllers: usable, missing: missing)
        }
        if words(scene.read(home + "/cgroup.procs")) == ["\(scene.process)"] {
            return Unified(home: home, controllers: usable, missing: missing, leaf: home + "/" + leafName)
        }
        reasons.append("the agent shares its control group \(home) with other processes")
        return Unified(home: home, controllers: usable.subtracting(missing))
    }

    private static func directory(above path: String) -> String? {
        path.lastIndex(of: "/").map { String(path[..<$0]) }
    }

    private static func words(_ text: String?) -> Set<String> {
        Set((text ?? "").split { $0 == " " || $0 == "\n" }.map(String.init))
    }
}
