import CTalkootSystem
import Foundation
import TalkootCore
import TalkootTesting
import Testing

@testable import TalkootSandbox

@Suite("Cells in control groups")
struct ControlGroupTests {
    /// A launcher of its own, so that its groups are.
    private func launcher(share: Double = 1) throws -> CellLauncher {
        try CellLauncher.open(cellPath: BuiltProduct.path("talkoot-cell"), processorShare: share)
    }

    private func cell(_ launcher: CellLauncher, run body: String, limits: CellLimits = Workshop.limits) throws -> Cell {
        try launcher.launch(CellSettings(library: Workshop.library(run: body), limits: limits))
    }

    @Test("What the plan promises is there, or the reason why not")
    func report() throws {
        let report = try launcher().controlGroups
        #expect(report.isActive == (Machine.boundsMemory && Machine.boundsThreads))
        #expect(report.isActive == report.reason.isEmpty)
        #expect(report.isActive == report.remedy.isEmpty)
    }

    @Test(
        "A cell is in its groups before its module is loaded, and the agent stays where it was",
        .enabled(if: !Machine.homes.isEmpty, Machine.without))
    func membership() throws {
        let before = try String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)
        let launcher = try launcher()
        let cell = try cell(launcher, run: "return TALKOOT_OK;")
        #expect(cell.process.isInGroups)
        let groups = try String(contentsOfFile: "/proc/\(cell.processID)/cgroup", encoding: .utf8).split(separator: "\n")
        for controller in Machine.plan(wanted: [.memory, .pids]).controllers.map(\.rawValue) {
            let line = groups.first { $0.contains(":\(controller):") } ?? groups.first { $0.hasPrefix("0::") }
            #expect(line?.contains("/talkoot-\(getpid()).") == true, "\(controller): \(groups)")
        }
        #expect(try String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8) == before)
        for task in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task") {
            let text = (try? String(contentsOfFile: "/proc/self/task/\(task)/cgroup", encoding: .utf8)) ?? before
            #expect(text == before)
        }
    }

    @Test(
        "Groups are used again by later cells, one cell at a time, and go with their launcher",
        .enabled(if: !Machine.homes.isEmpty, Machine.without))
    func reuse() throws {
        let directories = try {
            let launcher = try launcher()
            let directories = launcher.common.groups.directories
            for _ in 0..<3 { #expect(try cell(launcher, run: "return 0;").run(Workshop.batch(0..<1)).failure == nil) }
            for directory in directories { #expect(AgentGroup.names(in: directory) == ["cell-1"]) }
            let two = try [cell(launcher, run: "return 0;"), cell(launcher, run: "return 0;")]
            for directory in directories { #expect(AgentGroup.names(in: directory).sorted() == ["cell-1", "cell-2"]) }
            for cell in two { #expect(cell.run(Workshop.batch(0..<1)).failure == nil) }
            return directories
        }()
        for directory in directories { #expect(!FileManager.default.fileExists(atPath: directory)) }
    }

    @Test(
        "What a killed agent left behind is removed by the next one, a living agent's is not",
        .enabled(if: !Machine.homes.isEmpty, Machine.without))
    func stale() throws {
        let home = try #require(Machine.homes.first)
        let dead = "\(home)/talkoot-1.999999"
        try FileManager.default.createDirectory(atPath: dead + "/cell-7", withIntermediateDirectories: true)
        let living = try launcher()
        let cell = try cell(living, run: "return 0;")
        _ = try launcher()
        #expect(!FileManager.default.fileExists(atPath: dead))
        #expect(cell.run(Workshop.batch(0..<1)).failure == nil)
        let fresh = try self.cell(living, run: "return 0;")
        #expect(fresh.process.isInGroups)
    }

    @Test(
        "Memory that a cell shares with the agent counts too: a module that touches all of it is stopped for want of memory",
        .enabled(if: Machine.boundsMemory, Machine.without))
    func sharedMemory() throws {
        let launcher = try launcher()
        // The request memory is 1 GiB of holes that the cell may read, and reading one fills it.
        let outcome = try cell(
            launcher,
            run: """
                const char *request = *(const char **)((const char *)host + sizeof(talkoot_host) + sizeof(void *));
                volatile char sum = 0;
                for (size_t i = 0; i < (size_t)1 << 30; i += 4096) sum += request[i];
                return TALKOOT_OK;
                """
        ).run(Workshop.batch(0..<1)).failure?.outcome
        #expect(outcome == .memory(limitBytes: Workshop.limits.memoryBytes))
        let next = try cell(launcher, run: "return TALKOOT_OK;")
        #expect(next.run(Workshop.batch(0..<1)).failure == nil)
        kill(next.processID, SIGKILL)
        #expect(next.run(Workshop.batch(1..<2)).failure?.outcome == .crashed(signal: SIGKILL, place: ""))
    }

    @Test("Threads have an end, also where no limit of the user's counts them", .enabled(if: Machine.boundsThreads, Machine.without))
    func threads() throws {
        var limits = Workshop.limits
        (limits.threads, limits.memoryBytes) = (4, 1 << 30)
        let starter = CellStarter(
            cellPath: try BuiltProduct.path("talkoot-cell"), spawner: try Spawner(path: BuiltProduct.path("talkoot-cell")),
            common: try CellControl(processorShare: 1))
        let library = try Workshop.library(
            run: """
                pthread_t thread; int count = 0; char text[16];
                pthread_attr_t small; pthread_attr_init(&small); pthread_attr_setstacksize(&small, 65536);
                while (count < 200 && pthread_create(&thread, &small, wait, NULL) == 0) count++;
                return host->write(host, text, snprintf(text, sizeof text, "%d", count));
                """, before: "#include <pthread.h>\n#include <unistd.h>\nstatic void *wait(void *x) { for (;;) sleep(1000); return x; }")
        let own: LayerSet = geteuid() == 0 ? .ownUser : []
        // Without namespaces an ordinary user has no count of its own; root's cells have one, which is larger.
        let cell = try starter.start(CellSettings(library: library, limits: limits), layers: own.union([.landlock, .limits, .filter]))
        let made = Int(String(decoding: cell.run(Workshop.batch(0..<1)).bytes, as: UTF8.self))
        #expect(made == 4 + 16 - 1)
    }

    @Test("A frozen cell is killed all the same", .enabled(if: Machine.freezes, Machine.without))
    func killFrozen() throws {
        let launcher = try launcher()
        let cell = try cell(launcher, run: "for (;;);")
        cell.pause()
        let directory = try #require(launcher.common.groups.directories.compactMap { frozenGroup(in: $0, of: cell.processID) }.first)
        #expect(ControlFile.read(directory + "/cgroup.events")?.contains("frozen 1") == true)
        cell.close()
        #expect(kill(cell.processID, 0) != 0)
    }

    @Test("Everything in a group is killed at once", .enabled(if: Machine.freezes, Machine.without))
    func killGroup() throws {
        let cell = try cell(launcher(), run: "for (;;);")
        let group = try #require(cell.process.lease?.group)
        group.kill()
        #expect(cell.process.reap(milliseconds: 5000)?.status == SIGKILL)
        #expect(group.isSpent)
    }

    /// The group of version 2 inside an agent's directory that a process is in.
    private func frozenGroup(in directory: String, of process: Int32) -> String? {
        AgentGroup.names(in: directory).map { "\(directory)/\($0)" }.first {
            ControlFile.read($0 + "/cgroup.freeze") != nil && ControlFile.read($0 + "/cgroup.procs") == "\(process)\n"
        }
    }
}
