import Foundation
import TalkootCore
import TalkootTesting
import Testing

@testable import TalkootSandbox

/// These take real time: a share of it is what they measure.
@Suite("Cells with a part of the processors")
struct ProcessorShareTests {
    private func launcher(_ common: CellControl) throws -> CellStarter {
        CellStarter(
            cellPath: try BuiltProduct.path("talkoot-cell"), spawner: try Spawner(path: BuiltProduct.path("talkoot-cell")), common: common)
    }

    /// Processor time over wall-clock time of a cell that spins with all its threads.
    private func measure(_ common: CellControl, threads: Int) throws -> Double {
        var limits = Workshop.limits
        limits.threads = threads
        let library = try Workshop.library(
            run: "pthread_t thread; for (int i = 1; i < \(threads); i++) pthread_create(&thread, NULL, spin, NULL); spin(NULL); return 0;",
            before: "#include <pthread.h>\nstatic void *spin(void *x) { for (;;) __asm__ volatile(\"\"); return x; }")
        let settings = CellSettings(library: library, limits: limits)
        let cell = try launcher(common).start(settings, layers: .all(isRoot: geteuid() == 0))
        let running = Background { cell.run(Workshop.batch(0..<1)).failure?.outcome }
        _ = Machine.soon { cell.process.processorSeconds > 0.05 }
        let (start, used) = (ContinuousClock.now, cell.process.processorSeconds)
        Machine.pass(milliseconds: 1200)
        let wall = (ContinuousClock.now - start) / .seconds(1)
        let ratio = (cell.process.processorSeconds - used) / wall
        cell.close()
        _ = running.value
        return ratio
    }

    @Test(
        "A control group holds a cell to its part", .enabled(if: Machine.boundsProcessors, Machine.without),
        arguments: [(0.2, 1), (0.25, 2)])
    func quota(share: Double, threads: Int) throws {
        let common = try CellControl(processorShare: share)
        let ratio = try measure(common, threads: threads)
        #expect(ratio < share * Double(threads) * 1.3)
        #expect(ratio > 0)
    }

    @Test("Where there is none, stops and starts hold it to its part", arguments: [(0.2, 1), (0.25, 2)])
    func dutyCycle(share: Double, threads: Int) throws {
        let common = try CellControl(processorShare: share, groups: ControlGroups(Machine.noPlan))
        let ratio = try measure(common, threads: threads)
        #expect(ratio < share * Double(threads) * 1.3)
        #expect(ratio > 0)
    }

    @Test("A cell that gets a part of the time has as much more of it: no deadline strikes early", arguments: [true, false])
    func deadline(grouped: Bool) throws {
        let none = ControlGroups(Machine.noPlan)
        let common = grouped ? try CellControl(processorShare: 0.2) : try CellControl(processorShare: 0.2, groups: none)
        var limits = Workshop.limits
        limits.unitWallSeconds = 0.6
        // 0.25 s of work take 1.25 s.
        let library = try Workshop.library(
            run: """
                struct timespec time;
                do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time); while (time.tv_sec == 0 && time.tv_nsec < 250000000);
                return TALKOOT_OK;
                """)
        let cell = try launcher(common).start(CellSettings(library: library, limits: limits), layers: .all(isRoot: geteuid() == 0))
        #expect(cell.run(Workshop.batch(0..<1)).failure == nil)
    }
}
