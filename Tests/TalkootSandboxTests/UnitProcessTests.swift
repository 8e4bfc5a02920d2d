import Foundation
import TalkootCore
import TalkootTesting
import Testing

@testable import TalkootSandbox

@Suite("Units in processes of their own")
struct UnitProcessTests {
    /// A template with a module whose `run` is this.
    private func template(_ body: String, before: String = "", limits: CellLimits = Workshop.limits) throws -> Cell {
        try Workshop.launcher().launch(
            CellSettings(library: Workshop.library(run: body, before: before), limits: limits, isolation: .unit))
    }

    private func text(_ result: BatchResult) -> String {
        result.failure?.outcome.summary ?? String(decoding: result.bytes, as: UTF8.self)
    }

    @Test("A unit finds nothing of the one before: not in its memory, the output, the input, the checkpoint or the log")
    func clean() throws {
        let cell = try template(
            """
            static int count; char *heap = malloc(8 << 20), line[100]; long marks = 0;
            const char *input = unit->input.data;
            char *output = host->reserve(host, 600000);
            for (int i = 0; i < 600000; i++) marks += output[i] != 0;
            for (int i = unit->input.size; i < 600000; i++) marks += input[i] != 0;
            for (int i = 0; i < 8 << 20; i += 4096) marks += heap[i] != 0;
            marks += unit->checkpoint.size;
            memset(output, 'x', 600000); memset(heap, 1, 8 << 20);
            host->checkpoint(host, "kept", 4); host->log(host, 1, "one line");
            snprintf(line, sizeof line, "%d %ld", count++, marks);
            return host->fail(host, line);
            """)
        for index in 0..<4 as Range<UInt64> {
            let input = [UInt8](repeating: 7, count: index == 0 ? 500_000 : 10)
            let result = cell.run(
                UnitBatch(
                    units: index..<index + 1, shape: JobShape(items: 9, itemsPerUnit: 1), seed: 0, input: input, inputEnds: [input.count]))
            #expect(result.failure?.outcome == .failed(message: "0 0"))
            #expect(result.checkpoint?.bytes == Array("kept".utf8))
            #expect(cell.takeLog() == "info: one line\n")
        }
        #expect(cell.isAlive)
    }

    @Test("Whatever ends a unit is its verdict, and the next one runs in the same template")
    func verdicts() throws {
        var limits = Workshop.limits
        (limits.outputBytes, limits.unitProcessorSeconds) = (4096, 1)
        let cell = try template(
            """
            switch (unit->index) {
            case 0: return host->fail(host, "dry");
            case 1: *(volatile int *)8 = 1;
            case 2: abort();
            case 3: socket(AF_INET, SOCK_STREAM, 0);
            case 4: exit(0);
            case 5: return host->write(host, calloc(1, 5000), 5000);
            case 6: for (;;) memset(malloc(1 << 20), 1, 1 << 20);
            case 7: for (;;);
            case 8: host->integer(host, "none");
            case 9: execve("/bin/sh", 0, 0);
            case 10: kill(1, SIGKILL);
            case 11: fork();
            case 12: syscall(SYS_tgkill, 1, 1, SIGKILL);
            case 13: { uint32_t lie[4] = {5, 0, 3, 0}; for (int i = 0; i < 50; i++) write(5, lie, 16); _exit(0); }
            case 14: { uint64_t lie[3] = {0, 0, 0}; write(5, lie, 24); _exit(0); }
            case 15: { uint32_t early[4] = {5, 0, (uint32_t)unit->index + 3, 0}; write(5, early, 16); return 0; }
            case 16: signal(SIGXCPU, SIG_IGN); for (;;);
            case 17: syscall(SYS_tgkill, getpid(), getpid(), SIGXCPU);
            default: return host->write(host, "ok", 2);
            }
            """, limits: limits)
        let words = [
            "failed: dry", "crashed by signal 11 in run (", "crashed by signal 6 in run (",
            "stopped at the forbidden system call socket (41) in run (",
            "ended without an answer, with status 0", "wrote more than its 4 KiB of output", "needed more than its 32 MiB of memory",
            "stopped after its limit of 1.0 s", "failed: the module asked for parameter none", "system call execve", "system call kill",
            "system call clone", "system call tgkill", "broke the rules", "broke the rules", "broke the rules",
            "stopped after its limit of 1.0 s", "crashed by signal 24",
        ]
        for (index, words) in words.enumerated() {
            let outcome = try #require(cell.run(Workshop.batch(UInt64(index)..<UInt64(index) + 1)).failure?.outcome)
            #expect(outcome.summary.contains(words), "unit \(index): \(outcome)")
            #expect(text(cell.run(Workshop.batch(99..<100))) == "ok", "after unit \(index)")
        }
        #expect(cell.isAlive)
    }

    @Test("A library that cannot be loaded, and a constructor that does what it must not, are verdicts of the unit")
    func loading() throws {
        let constructor = try template("return 0;", before: "__attribute__((constructor)) static void first(void) { kill(1, 9); }")
        #expect(constructor.run(Workshop.batch(0..<1)).failure?.outcome.summary.contains("system call kill (62) in first (") == true)
        let nothing = try LibraryImage(bytes: Workshop.compile("int nothing;"))
        let cell = try Workshop.launcher().launch(CellSettings(library: nothing, limits: Workshop.limits, isolation: .unit))
        #expect(cell.run(Workshop.batch(0..<1)).failure?.outcome.summary.contains("does not export talkoot_module_v1") == true)
        #expect(cell.isAlive)
    }

    @Test("A unit that sleeps past its deadline ends with the template, and nothing is left")
    func deadline() throws {
        var limits = Workshop.limits
        limits.unitWallSeconds = 0.3
        let cell = try template("sigset_t all; sigfillset(&all); sigprocmask(SIG_BLOCK, &all, NULL); for (;;) sleep(10);", limits: limits)
        let process = cell.processID
        #expect(cell.run(Workshop.batch(0..<1)).failure?.outcome == .deadline(seconds: 0.3))
        #expect(!cell.isAlive)
        cell.close()
        #expect(OrdinaryUser.isGone(process, withinMilliseconds: 5000))
    }

    @Test("A unit's process has every layer of a cell's, and a template's filter below its two", arguments: [true, false])
    func layers(withNamespaces: Bool) throws {
        let path = try BuiltProduct.path("talkoot-cell")
        let starter = CellStarter(cellPath: path, spawner: try Spawner(path: path))
        var layers = LayerSet.all(isRoot: geteuid() == 0)
        if !withNamespaces { layers.subtract([.namespaces, .userNamespace]) }
        let library = try Workshop.library(run: "host->log(host, 1, \"up\"); for (;;);")
        func look(_ isolation: Isolation) throws -> [Substring] {
            let cell = try starter.start(CellSettings(library: library, limits: Workshop.limits, isolation: isolation), layers: layers)
            let unit = Thread { _ = cell.run(Workshop.batch(0..<1)) }
            unit.start()
            Self.awaitLog(of: cell.process)
            let process = isolation == .job ? cell.processID : try Self.busyChild(of: cell.processID)
            let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            let links = ["pid", "net", "ipc", "mnt", "uts", "cgroup", "user"].map { SymbolicLink.target("/proc/\(process)/ns/\($0)") }
            let own = ["pid", "net", "ipc", "mnt", "uts", "cgroup", "user"].map { SymbolicLink.target("/proc/self/ns/\($0)") }
            cell.close()
            #expect(OrdinaryUser.isGone(process, withinMilliseconds: 5000))
            let wanted = ["Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]
            return status.split(separator: "\n").filter { line in wanted.contains { line.hasPrefix($0) } }
                + zip(links, own).map { $0 == $1 ? "shared" : "own" }
        }
        let (apart, together) = (try look(.unit), try look(.job))
        func others(_ lines: [Substring]) -> [Substring] { lines.filter { !$0.hasPrefix("Seccomp_filters:") } }
        #expect(others(apart) == others(together))
        #expect(apart.contains("Seccomp:\t2") && apart.contains("NoNewPrivs:\t1"))
        #expect(apart.contains("Seccomp_filters:\t3") && together.contains("Seccomp_filters:\t2"))
    }

    /// Waits until the module has said something.
    private static func awaitLog(of process: CellProcess) {
        var byte: UInt8 = 0
        while read(process.log.number, &byte, 1) != 1 { sched_yield() }
    }

    /// The child of a template that runs a unit, when the other one waits for its call.
    private static func busyChild(of process: pid_t) throws -> pid_t {
        while true {
            let children = try String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
            let states = try children.split(separator: " ").map { child in
                (child, try String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8).contains("State:\tR"))
            }
            let busy = states.filter(\.1).compactMap { pid_t($0.0) }
            if states.count == 2, busy.count == 1 { return busy[0] }
            sched_yield()
        }
    }

    @Test("A template that is killed fails its unit, and a runner goes on with another")
    func killed() throws {
        let cell = try template("host->log(host, 1, \"up\"); for (;;);")
        let process = cell.process
        let killer = Thread {
            Self.awaitLog(of: process)
            process.kill()
        }
        killer.start()
        #expect(cell.run(Workshop.batch(0..<1)).failure != nil)
        #expect(!cell.isAlive)
    }

    @Test("A runner brings every unit of a range, those that fail alone, each in a fresh process")
    func range() throws {
        let library = try Workshop.library(
            run: """
                static int count; char line[40];
                if (unit->index % 50 == 7) abort();
                const int size = (int)unit->input.size;
                return host->write(host, line, snprintf(line, sizeof line, "%d%.*s", count++, size, (char *)unit->input.data));
                """)
        let runner = RangeRunner(
            launcher: try Workshop.launcher(), settings: CellSettings(library: library, limits: Workshop.limits, isolation: .unit),
            shape: JobShape(items: 200, itemsPerUnit: 1), seed: 3)
        var (text, failures) = ("", 0)
        try runner.run(
            0..<200, stop: StopLine(150),
            input: { units in
                (Array(units.map { "(\($0))" }.joined().utf8), units.reduce(into: []) { $0.append(($0.last ?? 0) + "(\($1))".utf8.count) })
            }
        ) { run in
            failures += run.failure == nil ? 0 : 1
            text += String(decoding: run.bytes, as: UTF8.self)
            return true
        }
        #expect(failures == 3)
        #expect(text == (0..<150).filter { $0 % 50 != 7 }.map { "0(\($0))" }.joined())
    }

    @Test("As an ordinary user, too, a unit has a process of its own and no way out of it", .enabled(if: geteuid() == 0))
    func ordinaryUser() async throws {
        let directory = try OrdinaryUser.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        await #expect(processExitsWith: .success) { [directory = directory as String] in
            try OrdinaryUser.become(in: directory)
            let library = try Workshop.library(
                run: "static int n; if (unit->index == 1) fork(); char d = '0' + n++; return host->write(host, &d, 1);")
            let cell = try Workshop.launcher().launch(CellSettings(library: library, limits: Workshop.limits, isolation: .unit))
            for index in [0, 2, 3] as [UInt64] where cell.run(Workshop.batch(index..<index + 1)).bytes != [UInt8(ascii: "0")] { exit(1) }
            guard case .forbidden = cell.run(Workshop.batch(1..<2)).failure?.outcome else { exit(2) }
            exit(0)
        }
    }
}
