import Foundation
import TalkootCore
import TalkootSandbox
import Testing

/// What needs a process of its own: an agent that is killed, and an agent that runs as an ordinary user.
@Suite("Agents in processes of their own")
struct ProcessTests {
    @Test("When the agent is killed its eight cells die within a second, though they block all signals and spin", arguments: [false, true])
    func deathWithParent(asOrdinaryUser: Bool) async throws {
        let directory = try OrdinaryUser.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String, asOrdinaryUser = asOrdinaryUser as Bool] in
            if asOrdinaryUser { try OrdinaryUser.become(in: directory) }
            let library = try Workshop.library(
                run: "sigset_t all; sigfillset(&all); sigprocmask(SIG_BLOCK, &all, NULL); for (;;);")
            let launcher = try Workshop.launcher()
            let cells = try (0..<8).map { slot in
                try launcher.launch(CellSettings(library: library, limits: Workshop.limits, slot: slot))
            }
            for cell in cells { Thread.detachNewThread { _ = cell.run(Workshop.batch(0..<1)) } }
            let processes = cells.map { String($0.processID) }.joined(separator: "\n")
            for cell in cells { OrdinaryUser.waitUntilBusy(cell.processID) }
            let now = DispatchTime.now().uptimeNanoseconds
            try "\(now)\n\(processes)".write(toFile: directory + "/processes", atomically: false, encoding: .utf8)
            kill(getpid(), SIGKILL)
        }
        let numbers = try String(contentsOfFile: directory + "/processes", encoding: .utf8).split(separator: "\n").compactMap { UInt64($0) }
        let processes = numbers.dropFirst().map { Int32($0) }
        #expect(processes.count == 8)
        for process in processes { #expect(OrdinaryUser.isGone(process, before: numbers[0] + 1_000_000_000)) }
    }

    @Test("An ordinary user's cells hold all layers and stop the same attacks")
    func ordinaryUser() async throws {
        let directory = try OrdinaryUser.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        await #expect(processExitsWith: .success) { [directory = directory as String] in
            try OrdinaryUser.become(in: directory)
            try OrdinaryUser.check()
        }
    }
}

/// The scenarios of an ordinary user, run in a child process; a failure is printed and ends it.
enum OrdinaryUser {
    /// A directory that any user may write to.
    static func makeDirectory() throws -> String {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("talkoot-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        chmod(directory, 0o777)
        return directory
    }

    /// Becomes `nobody` when the tests run as root, with this directory for temporary files.
    static func become(in directory: String) throws {
        guard geteuid() == 0 else { return }
        setenv("TMPDIR", directory, 1)
        guard setgroups(0, nil) == 0, setgid(65534) == 0, setuid(65534) == 0 else { throw Failure(what: "setuid") }
        // A process that changed its user may not look at itself in /proc (PR_SET_DUMPABLE, 4); one started as that user may.
        typealias Control = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
        let symbol = dlsym(nil, "prctl")
        guard unsafeBitCast(symbol, to: Control?.self)?(4, 1, 0, 0, 0) == 0 else { throw Failure(what: "prctl") }
    }

    /// Runs the scenarios.
    static func check() throws {
        guard geteuid() != 0 else { throw Failure(what: "still root") }
        let launcher = try Workshop.launcher()
        try expect(launcher.level == .full, "level \(launcher.level): \(launcher.layers.filter { !$0.isActive })")
        let open = try Workshop.text(
            run: """
                char line[32]; int file = open("/etc/passwd", O_RDONLY);
                return host->write(host, line, snprintf(line, sizeof line, "%d %d", file, errno));
                """)
        try expect(open == "-1 \(ENOENT)", open)
        let attacks: [(String, (UnitOutcome) -> Bool)] = [
            ("socket(AF_INET, SOCK_STREAM, 0); return 0;", \.isForbidden), ("fork(); return 0;", \.isForbidden),
            ("execve(\"/bin/sh\", 0, 0); return 0;", \.isForbidden), ("mmap(0, 4096, 7, 34, -1, 0); return 0;", \.isForbidden),
            ("for (;;) memset(malloc(1 << 20), 1, 1 << 20);", { $0 == .memory(limitBytes: 32 << 20) }),
            ("abort();", { if case .crashed(SIGABRT, _) = $0 { true } else { false } }),
            ("*(volatile int *)0 = 1; return 0;", { if case .crashed(SIGSEGV, _) = $0 { true } else { false } }),
            ("exit(0);", { $0 == .exited(status: 0) }),
        ]
        for (body, holds) in attacks {
            let outcome = try Workshop.outcome(run: body)
            try expect(holds(outcome), "\(body) ended with \(outcome)")
        }
        var limits = Workshop.limits
        limits.unitWallSeconds = 0.2
        try expect(try Workshop.outcome(run: "for (;;);", limits: limits) == .deadline(seconds: 0.2), "an endless loop")
        let result = try Workshop.cell(Workshop.library(run: "return host->write(host, \"a\", 1);")).run(Workshop.batch(0..<1000))
        try expect(result.units == 0..<1000 && result.bytes.count == 1000, "a plain batch")
    }

    /// Whether a process is dead at a time of the monotonic clock, in nanoseconds, or now when that is over. Waits for nothing else.
    static func isGone(_ process: Int32, before deadline: UInt64) -> Bool {
        let handle = systemCall?(434, Int(process), 0, 0, 0) ?? -1  // pidfd_open
        guard handle >= 0 else { return errno == ESRCH }
        defer { close(Int32(handle)) }
        var waited = pollfd(fd: Int32(handle), events: Int16(POLLIN), revents: 0)
        let now = DispatchTime.now().uptimeNanoseconds
        return poll(&waited, 1, now < deadline ? Int32((deadline - now) / 1_000_000) : 0) == 1
    }

    /// Whether a process dies soon enough from now on.
    static func isGone(_ process: Int32, withinMilliseconds limit: UInt64) -> Bool {
        isGone(process, before: DispatchTime.now().uptimeNanoseconds + limit * 1_000_000)
    }

    /// Waits until a process has used processor time for its own work.
    static func waitUntilBusy(_ process: Int32) {
        func used() -> Int {
            let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            return text.split(separator: " ").dropFirst(13).first.flatMap { Int($0) } ?? 0
        }
        let before = used()
        while used() < before + 2 { sched_yield() }
    }

    private typealias SystemCall = @convention(c) (Int, Int, Int, Int, Int) -> Int
    private static var systemCall: SystemCall? { unsafeBitCast(dlsym(nil, "syscall"), to: SystemCall?.self) }

    private struct Failure: Error { var what: String }

    private static func expect(_ holds: Bool, _ what: String) throws {
        guard !holds else { return }
        FileHandle.standardError.write(Data("ordinary user: \(what)\n".utf8))
        throw Failure(what: what)
    }
}
