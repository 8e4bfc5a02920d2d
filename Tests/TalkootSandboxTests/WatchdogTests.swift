import Foundation
import TalkootCore
import TalkootSandbox
import Testing

@Suite("The watchdog")
struct WatchdogTests {
    /// Limits that a test can wait for.
    private func limits(wall: Double, processor: Double = 10) -> CellLimits {
        var limits = Workshop.limits
        limits.unitWallSeconds = wall
        limits.unitProcessorSeconds = processor
        return limits
    }

    private func batch(_ units: Range<UInt64>) -> UnitBatch {
        var batch = Workshop.batch(units)
        batch.budgetSeconds = 0.02
        return batch
    }

    @Test(
        "A unit that never ends is stopped at its deadline, whatever it blocks",
        arguments: [
            "for (;;);", "for (;;) sleep(1000);", "sigset_t all; sigfillset(&all); sigprocmask(SIG_BLOCK, &all, NULL); for (;;);",
        ])
    func endless(body: String) throws {
        let cell = try Workshop.cell(
            Workshop.library(run: "if (unit->index == 1) { \(body) } return TALKOOT_OK;"), limits: limits(wall: 0.3))
        let result = cell.run(batch(0..<3))
        #expect(result.units == 0..<1)
        #expect(result.failure?.unit == 1)
        #expect(result.failure?.outcome == .deadline(seconds: 0.3))
        #expect(result.wallSeconds < 5)
        #expect(!cell.isAlive)
    }

    @Test("Processor time has a limit of its own")
    func processor() throws {
        let cell = try Workshop.cell(Workshop.library(run: "for (;;);"), limits: limits(wall: 30, processor: 0.2))
        let result = cell.run(batch(0..<1))
        #expect(result.failure?.outcome == .deadline(seconds: 0.2))
    }

    @Test("The limit is one unit's, not a batch's: many units that together take longer are no fault")
    func batchOutlastsUnit() throws {
        let cell = try Workshop.cell(
            Workshop.library(run: "struct timespec time = {0, 3000000}; nanosleep(&time, NULL); return TALKOOT_OK;"),
            limits: limits(wall: 2))
        var whole = Workshop.batch(0..<1000)
        whole.budgetSeconds = 0.1
        let result = cell.run(whole)
        #expect(result.failure == nil)
        #expect(!result.units.isEmpty && result.units.count < 1000)
    }

    @Test("The stop line ends a batch between two units, from another thread, and shows in should_stop")
    func stopLine() async throws {
        let cell = try Workshop.cell(
            Workshop.library(
                run: """
                    if (unit->index == 3) { while (!host->should_stop(host)) sched_yield(); return TALKOOT_STOPPED; }
                    return TALKOOT_OK;
                    """))
        let line = StopLine(.max)
        var batch = Workshop.batch(0..<100)
        batch.stopBefore = line
        let running = batch
        async let result = Workshop.onThread { cell.run(running).units }
        line.lower(to: 2)
        #expect(await result.upperBound <= 3)
        #expect(cell.isAlive)
        #expect(line.unit == 2)
        line.lower(to: 50)
        #expect(line.unit == 2)
        #expect(cell.run(running).units == 0..<2)
    }

    @Test("A checkpoint comes back with the stopped unit and is given to its next try")
    func checkpoint() throws {
        let cell = try Workshop.cell(
            Workshop.library(
                run: """
                    if (unit->checkpoint.size != 0) return host->write(host, unit->checkpoint.data, unit->checkpoint.size);
                    host->checkpoint(host, "first", 5);
                    host->checkpoint(host, "second", 6);
                    *(volatile int *)0 = 1;
                    return TALKOOT_OK;
                    """))
        let result = cell.run(Workshop.batch(4..<5))
        #expect(result.checkpoint?.unit == 4)
        let kept = try #require(result.checkpoint?.bytes)
        #expect(kept == Array("second".utf8))
    }

    @Test("close ends a call that another thread waits for")
    func close() async throws {
        let cell = try Workshop.cell(Workshop.library(run: "for (;;) sleep(1000);"))
        let batch = Workshop.batch(0..<1)
        async let result = Workshop.onThread { cell.run(batch).failure?.outcome }
        cell.close()
        let outcome = await result
        #expect(outcome == .crashed(signal: SIGKILL, place: "") || outcome == .failed(message: "the cell is gone"))
        #expect(!cell.isAlive)
    }
}
