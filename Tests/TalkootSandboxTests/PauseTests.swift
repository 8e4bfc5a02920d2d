import CTalkootSystem
import Foundation
import Synchronization
import TalkootCore
import TalkootTesting
import Testing

@testable import TalkootSandbox

@Suite("Cells that are paused")
struct PauseTests {
    /// Spins for ever, and shows by its progress that it runs.
    private static let spinning = "for (uint64_t i = 0;; i++) host->progress(host, i);"

    /// A cell inside its control group, or one outside of all.
    private func cell(grouped: Bool, run body: String, limits: CellLimits = Workshop.limits) throws -> Cell {
        let common = grouped ? try CellControl(processorShare: 1) : nil
        let starter = CellStarter(
            cellPath: try BuiltProduct.path("talkoot-cell"), spawner: try Spawner(path: BuiltProduct.path("talkoot-cell")), common: common)
        let settings = CellSettings(library: try Workshop.library(run: body), limits: limits)
        return try starter.start(settings, layers: .all(isRoot: geteuid() == 0))
    }

    /// Whether the cell's module gets on, seen from outside.
    private func advances(_ cell: Cell) -> Bool {
        let before = cell.process.status().progress
        return Machine.soon { cell.process.status().progress > before }
    }

    @Test("A paused cell does nothing, within milliseconds, and goes on where it was", arguments: [true, false])
    func pause(grouped: Bool) throws {
        let cell = try cell(grouped: grouped, run: Self.spinning)
        let running = Background { cell.run(Workshop.batch(0..<1)).failure?.outcome }
        #expect(advances(cell))
        for _ in 0..<3 {
            let start = ContinuousClock.now
            cell.pause()
            var last = cell.process.status().progress
            // A signal takes effect when the processor notices it; after that nothing moves.
            while case let next = cell.process.status().progress, next != last { last = next }
            let stopped = cell.process.processorSeconds
            #expect(ContinuousClock.now - start < .seconds(5))
            Machine.pass(milliseconds: 20)
            #expect(cell.process.status().progress == last)
            #expect(cell.process.processorSeconds - stopped < 0.002)
            cell.pause()
            cell.resume()
            #expect(advances(cell))
        }
        cell.close()
        _ = running.value
    }

    @Test("A unit's time stands still while its cell is paused", arguments: [true, false])
    func deadline(grouped: Bool) throws {
        var limits = Workshop.limits
        limits.unitWallSeconds = 0.4
        let cell = try cell(
            grouped: grouped, run: "while (!host->should_stop(host)) host->progress(host, unit->index); return TALKOOT_OK;", limits: limits)
        let line = StopLine(.max)
        var batch = Workshop.batch(0..<1)
        batch.stopBefore = line
        let running = batch
        let result = Background { cell.run(running) }
        cell.pause()
        Machine.pass(milliseconds: 1000)
        line.lower(to: 0)
        cell.resume()
        let finished = result.value
        #expect(finished?.failure == nil)
        #expect((finished?.wallSeconds ?? 9) < 0.9)
        #expect(cell.isAlive)
    }

    @Test("A paused launcher pauses cells that it starts, also while they start, and resumes them all")
    func launcher() throws {
        let launcher = try CellLauncher.open(cellPath: BuiltProduct.path("talkoot-cell"))
        let library = try Workshop.library(run: "return host->write(host, \"x\", 1);")
        let old = try launcher.launch(CellSettings(library: library, limits: Workshop.limits))
        launcher.pause()
        #expect(launcher.isPaused)
        let results = Background { () -> [Int] in
            let fresh = try? launcher.launch(CellSettings(library: library, limits: Workshop.limits, slot: 1))
            return [old, fresh].map { $0?.run(Workshop.batch(0..<3)).bytes.count ?? -1 }
        }
        Machine.pass(milliseconds: 200)
        #expect(old.process.holding.withLock { $0.isHeld(for: .owner) })
        launcher.resume()
        #expect(results.value == [3, 3])
    }

    @Test("A paused cell dies with its agent", arguments: [true, false])
    func death(grouped: Bool) async throws {
        let directory = try OrdinaryUser.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String, grouped = grouped as Bool] in
            let cell = try PauseTests().cell(grouped: grouped, run: "return 0;")
            cell.pause()
            try String(cell.processID).write(toFile: directory + "/process", atomically: false, encoding: .utf8)
            kill(getpid(), SIGKILL)
        }
        let process = try #require(Int32(try String(contentsOfFile: directory + "/process", encoding: .utf8)))
        #expect(OrdinaryUser.isGone(process, withinMilliseconds: 5000))
    }
}
