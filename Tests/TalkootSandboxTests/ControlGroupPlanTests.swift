import Testing

@testable import TalkootSandbox

/// What machines of all kinds say about control groups, and what is made of it. The texts were recorded, paths shortened.
@Suite("The plan for control groups")
struct ControlGroupPlanTests {
    /// A machine as far as the plan looks at it.
    private struct Machine {
        var memberships: String
        var mounts: String
        var files: [String: String] = [:]
        /// Directories in which everything may be written.
        var writable: [String] = []

        var hierarchies: [ControlHierarchy] { ControlHierarchy.all(memberships: memberships, mounts: mounts) }

        func plan(_ wanted: Set<ControlGroupPlan.Controller> = [.memory, .pids]) -> ControlGroupPlan {
            let scene = ControlGroupPlan.Scene(process: 812, read: { files[$0] }) { path in
                writable.contains { path == $0 || path.hasPrefix($0 + "/") }
            }
            return ControlGroupPlan(hierarchies, wanted: wanted, scene: scene)
        }
    }

    /// A machine with one hierarchy for each controller, and one of version 2 that has only what is left.
    private static let hybrid = Machine(
        memberships: """
            9:name=systemd:/
            8:pids:/
            6:freezer:/
            4:memory:/agents/1
            2:cpu,cpuacct:/
            0::/
            """,
        mounts: """
            23 1 8:1 / / rw,relatime - ext4 /dev/root rw
            32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
            35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
            37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer
            39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
            40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
            """,
        files: ["/sys/fs/cgroup/unified/cgroup.controllers": "hugetlb\n", "/sys/fs/cgroup/unified/cgroup.subtree_control": ""],
        writable: ["/sys/fs/cgroup"])

    /// A desktop on which systemd delegated a scope to a user.
    private static let scope = "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/run-r5.scope"
    private static let desktop = Machine(
        memberships: "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-r5.scope\n",
        mounts:
            "35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n",
        files: [
            scope + "/cgroup.controllers": "cpu memory pids\n", scope + "/cgroup.subtree_control": "\n",
            scope + "/cgroup.type": "domain\n", scope + "/cgroup.procs": "812\n",
        ],
        writable: [scope])

    @Test("Version 1 as root: a group in each hierarchy, inside the agent's own, and version 2 for freezing")
    func hybridRoot() {
        let plan = Self.hybrid.plan([.memory, .pids, .cpu])
        #expect(
            plan.legacy == [
                .init(controller: .memory, home: "/sys/fs/cgroup/memory/agents/1"), .init(controller: .pids, home: "/sys/fs/cgroup/pids"),
                .init(controller: .cpu, home: "/sys/fs/cgroup/cpu,cpuacct"),
            ])
        #expect(plan.unified == .init(home: "/sys/fs/cgroup/unified", controllers: []))
        #expect(plan.reason == "")
    }

    @Test("Version 1 as an ordinary user: nothing, with the directory that may not be written")
    func hybridUser() {
        var machine = Self.hybrid
        machine.writable = []
        let plan = machine.plan()
        #expect(plan.controllers == [])
        #expect(plan.unified == nil)
        #expect(plan.reason == "memory, pids: /sys/fs/cgroup/unified may not be written")
    }

    @Test("A delegated scope: the agent steps into a leaf, and the controllers are switched on beside it")
    func delegated() {
        let plan = Self.desktop.plan()
        #expect(plan.legacy == [])
        #expect(
            plan.unified
                == .init(home: Self.scope, controllers: [.memory, .pids], missing: [.memory, .pids], leaf: Self.scope + "/talkoot-agent"))
        #expect(plan.reason == "")
    }

    @Test("An agent that has stepped aside makes its next groups beside the leaf, not below")
    func besideTheLeaf() {
        var machine = Self.desktop
        machine.memberships = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-r5.scope/talkoot-agent\n"
        machine.files[Self.scope + "/cgroup.subtree_control"] = "memory pids\n"
        machine.files[Self.scope + "/cgroup.procs"] = ""
        #expect(machine.plan().unified == .init(home: Self.scope, controllers: [.memory, .pids]))
        let more = machine.plan([.memory, .pids, .cpu]).unified
        #expect(more == .init(home: Self.scope, controllers: [.memory, .pids, .cpu], missing: [.cpu]))
    }

    @Test("A group shared with a shell is left alone: cells are frozen there, and nothing else")
    func sharedScope() {
        var machine = Self.desktop
        machine.files[Self.scope + "/cgroup.procs"] = "640\n812\n"
        let plan = machine.plan()
        #expect(plan.unified == .init(home: Self.scope, controllers: []))
        #expect(plan.reason == "memory, pids: the agent shares its control group \(Self.scope) with other processes")
    }

    @Test("A service that delegates no controller bounds nothing, and says which are lacking")
    func fewControllers() {
        var machine = Self.desktop
        machine.files[Self.scope + "/cgroup.controllers"] = "memory\n"
        let plan = machine.plan()
        #expect(plan.unified?.controllers == [.memory])
        #expect(plan.reason.hasPrefix("pids: "))
    }

    @Test("The root of version 2 holds processes and groups at once, so nobody moves")
    func unifiedRoot() {
        let machine = Machine(
            memberships: "0::/\n", mounts: Self.desktop.mounts,
            files: [
                "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids rdma misc\n",
                "/sys/fs/cgroup/cgroup.subtree_control": "memory pids\n",
            ], writable: ["/sys/fs/cgroup"])
        #expect(machine.plan().unified == .init(home: "/sys/fs/cgroup", controllers: [.memory, .pids]))
        let more = machine.plan([.memory, .pids, .cpu]).unified
        #expect(more == .init(home: "/sys/fs/cgroup", controllers: [.memory, .pids, .cpu], missing: [.cpu]))
    }

    @Test("In a container the mount shows a part of the tree, and paths are read from there")
    func container() {
        let machine = Machine(
            memberships: "4:memory:/docker/ab12/inner\n0::/../other\n",
            mounts: """
                35 31 0:32 /docker/ab12 /sys/fs/cgroup/memory\\040v1 ro,relatime - cgroup cgroup rw,memory
                41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
                """)
        #expect(
            machine.hierarchies == [.init(version: .legacy(["memory"]), ownDirectory: "/sys/fs/cgroup/memory v1/inner")])
    }

    @Test("Nonsense is no hierarchy", arguments: ["", "4", "4:memory", "::::", "x\ny\n", "0::/a\n0::/b"])
    func nonsense(memberships: String) {
        let mounts = ["", "1 2", "35 31 0:32 / - cgroup cgroup rw,memory", "1 2 3 4 5 6 - cgroup2"]
        for text in mounts { #expect(ControlHierarchy.all(memberships: memberships, mounts: text) == []) }
    }
}
