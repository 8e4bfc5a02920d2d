import Foundation
import Glibc
import TalkootCore
import TalkootSandbox
import Testing

@Suite("A range runner")
struct RangeRunnerTests {
    private func runner(_ library: LibraryImage, items: UInt64, limits: CellLimits = Workshop.limits) throws -> RangeRunner {
        RangeRunner(
            launcher: try Workshop.launcher(), settings: CellSettings(library: library, limits: limits),
            shape: JobShape(items: items, itemsPerUnit: 1), seed: 3)
    }

    /// All that a range brought, put together again.
    private struct Total {
        var next: UInt64
        var text = ""
        var results = 0
        var failures: [UInt64: UnitOutcome] = [:]
        var runs = 0

        init(from first: UInt64) { next = first }

        mutating func add(_ run: FinishedRun) {
            #expect(run.units.lowerBound == next, "runs come in order, without gaps")
            next = run.units.upperBound
            runs += 1
            if let failure = run.failure {
                #expect(run.units.count == 1 && run.bytes.isEmpty && run.resultEnds.isEmpty)
                failures[run.units.lowerBound] = failure
                return
            }
            #expect(run.resultEnds.count == run.units.count && run.resultEnds.last == run.bytes.count)
            results += run.units.count
            text += String(decoding: run.bytes, as: UTF8.self)
        }
    }

    private static let echoIndex = """
        char text[32];
        return host->write(host, text, snprintf(text, sizeof text, "%llu\\n", (unsigned long long)unit->index));
        """

    @Test("Every unit of a long range comes back once, in order, in few runs")
    func order() throws {
        let runner = try runner(Workshop.library(run: Self.echoIndex), items: 200_000)
        var total = Total(from: 5)
        try runner.run(5..<200_000, stop: StopLine(.max), input: nil) { run in
            total.add(run)
            return true
        }
        #expect(total.next == 200_000)
        #expect(total.text == (5..<200_000).map { "\($0)\n" }.joined())
        #expect(total.runs < 100)
    }

    @Test("Another thread sees how far the runner is, in the middle of a batch")
    func progress() async throws {
        let runner = try runner(
            Workshop.library(run: "while (unit->index == 7 && !host->should_stop(host)); return unit->index == 7 ? TALKOOT_STOPPED : 0;"),
            items: 100)
        #expect(runner.progress.next == nil)
        let (progress, stop) = (runner.progress, StopLine(.max))
        let watcher = Thread {
            while progress.next != 7 { sched_yield() }
            stop.lower(to: 7)
        }
        watcher.start()
        var next: UInt64 = 0
        try runner.run(0..<100, stop: stop, input: nil) { run in
            next = run.units.upperBound
            return true
        }
        #expect(next == 7)
        #expect(runner.progress.next == nil)
    }

    @Test("Units that crash or fail are handed over alone, and the others all come")
    func failures() throws {
        let runner = try runner(
            Workshop.library(
                run: "if (unit->index % 10 == 7) abort(); if (unit->index == 3) return host->fail(host, \"no\");" + Self.echoIndex),
            items: 40)
        var total = Total(from: 0)
        try runner.run(0..<40, stop: StopLine(.max), input: nil) { run in
            total.add(run)
            return true
        }
        #expect(total.next == 40)
        #expect(Set(total.failures.keys) == [3, 7, 17, 27, 37])
        #expect(total.failures[3] == .failed(message: "no"))
        #expect(total.results == 35)
    }

    @Test("The input is asked for in order and each unit gets its own part, also when one is larger than a batch")
    func input() throws {
        let library = try Workshop.library(run: "return host->write(host, unit->input.data, unit->input.size);")
        var limits = Workshop.limits
        limits.outputBytes = 16 << 20
        let runner = try runner(library, items: 300, limits: limits)
        func size(_ unit: UInt64) -> Int { unit == 150 ? 6 << 20 : Int(unit % 7) }
        var total = Total(from: 0)
        var asked: UInt64 = 0
        try runner.run(
            0..<300, stop: StopLine(.max),
            input: { units in
                #expect(units.lowerBound == asked)
                asked = units.upperBound
                var bytes: [UInt8] = []
                var ends: [Int] = []
                for unit in units {
                    bytes += [UInt8](repeating: UInt8(0x61 + unit % 26), count: size(unit))
                    ends.append(bytes.count)
                }
                return (bytes, ends)
            },
            finished: { run in
                for (index, unit) in run.units.enumerated() {
                    let start = index == 0 ? 0 : run.resultEnds[index - 1]
                    let part = run.bytes[start..<run.resultEnds[index]]
                    #expect(part.count == size(unit) && part.allSatisfy { $0 == UInt8(0x61 + unit % 26) }, "unit \(unit)")
                }
                total.add(run)
                return true
            })
        #expect(total.next == 300 && asked == 300)
    }

    @Test("The stop line ends the range; what is finished is handed over")
    func stop() throws {
        let runner = try runner(Workshop.library(run: Self.echoIndex), items: 1 << 40)
        let line = StopLine(1000)
        var total = Total(from: 0)
        try runner.run(0..<1 << 40, stop: line, input: nil) { run in
            total.add(run)
            return true
        }
        #expect(total.next == 1000)
        line.lower(to: 0)
        try runner.run(1000..<2000, stop: line, input: nil) { _ in
            Issue.record("nothing may run behind the line")
            return true
        }
    }

    @Test("A unit that ended early goes on from its checkpoint when it is run again")
    func checkpoint() throws {
        let runner = try runner(
            Workshop.library(
                run: """
                    if (unit->checkpoint.size != 0) return host->write(host, unit->checkpoint.data, unit->checkpoint.size);
                    host->checkpoint(host, "half", 4);
                    host->write(host, "junk", 4);
                    abort();
                    """), items: 1)
        var total = Total(from: 0)
        for attempt in 0..<2 {
            total = Total(from: 0)
            try runner.run(0..<1, stop: StopLine(.max), input: nil) { run in
                total.add(run)
                return true
            }
            #expect(total.failures.isEmpty == (attempt == 1))
        }
        #expect(total.text == "half")
    }

    @Test("A taker that says no ends the range")
    func refusal() throws {
        let runner = try runner(Workshop.library(run: Self.echoIndex), items: 1 << 40)
        var runs = 0
        try runner.run(0..<1 << 40, stop: StopLine(.max), input: nil) { _ in
            runs += 1
            return false
        }
        #expect(runs == 1)
    }

    @Test("A module that loses memory gets a fresh cell before a unit is blamed")
    func leak() throws {
        let runner = try runner(
            Workshop.library(
                run: "char *lost = malloc(4 << 20); if (!lost) return TALKOOT_FAILED; memset(lost, 1, 4 << 20);" + Self.echoIndex),
            items: 40)
        var total = Total(from: 0)
        try runner.run(0..<40, stop: StopLine(.max), input: nil) { run in
            total.add(run)
            return true
        }
        #expect(total.results == 40)
        #expect(total.failures.isEmpty)
    }

    @Test("A module that cannot be loaded fails three units and then the range")
    func unloadable() throws {
        let runner = try runner(
            Workshop.library(run: Self.echoIndex, before: "__attribute__((constructor)) static void first(void) { _exit(0); }"), items: 10)
        var total = Total(from: 0)
        let error = #expect(throws: TalkootError.self) {
            try runner.run(0..<10, stop: StopLine(.max), input: nil) { run in
                total.add(run)
                return true
            }
        }
        #expect(error?.code == .badData)
        #expect(total.failures == [0: .exited(status: 0), 1: .exited(status: 0), 2: .exited(status: 0)])
    }

    @Test("Input that does not fit its units is refused")
    func badInput() throws {
        let runner = try runner(Workshop.library(run: Self.echoIndex), items: 10)
        for ends in [[], [5], [-1], [0, 0, 0]] {
            let error = #expect(throws: TalkootError.self) {
                try runner.run(0..<1, stop: StopLine(.max), input: { _ in ([1, 2], ends) }, finished: { _ in true })
            }
            #expect(error?.code == .badData)
        }
    }
}
