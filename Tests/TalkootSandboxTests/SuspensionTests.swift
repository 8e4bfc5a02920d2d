import Foundation
import TalkootCore
import TalkootTesting
import Testing

@testable import TalkootSandbox

/// These take real time: an agent in a process of its own is stopped for longer than a unit may take.
@Suite("A suspended agent")
struct SuspensionTests {
    /// What a unit may take, in seconds; each computes for 0.3, by the clock, so that a busy machine makes it no longer.
    private static let unitSeconds = 2.0

    @Test(
        "Stopped for longer than a unit's deadline, with its cells or without, it judges nothing wrong and loses nothing",
        arguments: [false, true])
    func stopped(withCells: Bool) async throws {
        let directory = try OrdinaryUser.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let suspension = Background { Self.suspend(in: directory, withCells: withCells) }
        await #expect(processExitsWith: .success) { [directory = directory as String] in try Self.agent(in: directory) }
        #expect(suspension.value == true)
    }

    /// The agent: five units that compute, all of which must come out.
    private static func agent(in directory: String) throws {
        var limits = Workshop.limits
        (limits.unitWallSeconds, limits.unitProcessorSeconds) = (unitSeconds, unitSeconds)
        let library = try Workshop.library(
            run: """
                struct timespec start, now;
                clock_gettime(CLOCK_MONOTONIC, &start);
                do {
                    clock_gettime(CLOCK_MONOTONIC, &now);
                } while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < 300);
                return host->write(host, "x", 1);
                """)
        let runner = RangeRunner(
            launcher: try Workshop.launcher(), settings: CellSettings(library: library, limits: limits),
            shape: JobShape(items: 5, itemsPerUnit: 1), seed: 1)
        var (done, failures): (UInt64, [UnitOutcome]) = (0, [])
        try runner.run(0..<5, stop: StopLine(.max), input: nil) { finished in
            if let failure = finished.failure { failures.append(failure) }
            done += UInt64(finished.units.count)
            // The first unit is done: now it can be stopped.
            if done == 1 { _ = FileManager.default.createFile(atPath: directory + "/\(getpid())", contents: nil) }
            return true
        }
        guard done == 5, failures.isEmpty else {
            FileHandle.standardError.write(Data("\(done) units, \(failures)\n".utf8))
            exit(1)
        }
    }

    /// Stops the agent, and its cells when they are to be, for two deadlines.
    private static func suspend(in directory: String, withCells: Bool) -> Bool {
        var agent: Int32?
        _ = Machine.soon(within: 60) {
            agent = (try? FileManager.default.contentsOfDirectory(atPath: directory))?.compactMap { Int32($0) }.first
            return agent != nil
        }
        guard let agent else { return false }
        kill(agent, SIGSTOP)
        let cells = withCells ? children(of: agent) : []
        for cell in cells { kill(cell, SIGSTOP) }
        Machine.pass(milliseconds: Int32(unitSeconds * 2000))
        kill(agent, SIGCONT)
        for cell in cells { kill(cell, SIGCONT) }
        return !withCells || !cells.isEmpty
    }

    /// The processes that a process is the parent of.
    private static func children(of process: Int32) -> [Int32] {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
        return threads.flatMap { thread -> [Int32] in
            let text = (try? String(contentsOfFile: "/proc/\(process)/task/\(thread)/children", encoding: .utf8)) ?? ""
            return text.split(separator: " ").compactMap { Int32($0) }
        }
    }
}
