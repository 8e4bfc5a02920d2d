import Foundation
import TalkootCoordinator
import TalkootCore
import TalkootStore
import Testing

@Suite("A job on this machine's own slots", .timeLimit(.minutes(2)))
struct LocalJobTests {
    @Test("gives the same sum for any number of slots and any unit size", arguments: [1, 2, 4], [1, 7, 1_000, nil] as [UInt64?])
    func sums(slots: Int, itemsPerUnit: UInt64?) async throws {
        try await TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.squares, ["items": 5_000, "factor": 3], in: directory)
            job.itemsPerUnit = itemsPerUnit
            let expected = (0..<UInt64(5_000)).reduce(0) { $0 + 3 * $1 * $1 }
            let output = try await job.run(slots: slots)
            #expect(String(decoding: output, as: UTF8.self) == "\(expected)\n")
        }
    }

    @Test("gives every line its own place, for any unit size", arguments: [1, 3, 50, nil] as [UInt64?], 1...3 as ClosedRange<UInt64>)
    func lines(itemsPerUnit: UInt64?, seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let text = random.text(lines: 700)
        try await TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.capitals, in: directory)
            job.inputPath = try directory.write(text, to: "input")
            job.outputPath = directory.path + "/output"
            job.itemsPerUnit = itemsPerUnit
            let output = try await job.run(slots: 2)
            #expect(output == text.map { (97...122).contains($0) ? $0 - 32 : $0 }, "seed \(seed)")
            #expect(directory.names.filter { $0.contains("partial") } == [])
        }
    }

    @Test("without merge and finish is the concatenation in order, in memory or in a file")
    func concatenation() async throws {
        try await TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.numbers, ["items": 20_000], in: directory)
            job.itemsPerUnit = 13
            #expect(try await job.run(slots: 3) == TestModules.numbersText(20_000))
            job.name = "second"
            job.outputPath = directory.path + "/numbers.txt"
            #expect(try await job.run(slots: 1) == TestModules.numbersText(20_000))
            #expect(try JobJournal.open(directory: job.jobDirectory, access: .readOnly).record().state == .done)
        }
    }

    @Test("without items has an output all the same")
    func empty() async throws {
        try await TemporaryDirectory.with { directory in
            #expect(try await TestJob(TestModules.squares, ["items": 0], in: directory).run(slots: 1) == Array("0\n".utf8))
            var lines = try TestJob(TestModules.capitals, in: directory)
            lines.inputPath = try directory.write([], to: "input")
            lines.name = "second"
            #expect(try await lines.run(slots: 1) == [])
        }
    }

    @Test("fails with the unit, its items and the module's words when a unit fails, and keeps the rest for a resume")
    func failure() async throws {
        try await TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.numbers, ["items": 100, "bad": 57], in: directory)
            job.itemsPerUnit = 10
            let error = await #expect(throws: TalkootError.self) { try await job.run(slots: 2) }
            #expect(error?.code == .jobFailed)
            #expect(
                error?.message.contains("unit 5 (items 50 to 59) of numbers 1.0.0 failed: no such number") == true,
                "\(String(describing: error))")
            let state = try JobJournal.open(directory: job.jobDirectory, access: .readOnly).record().state
            #expect(state.description == "failed")
            try await resumeWhenFree(job) { again in
                try again.addLocalSlots(1)
                let second = await #expect(throws: TalkootError.self) { try await again.run() }
                #expect(second?.code == .jobFailed)
            }
        }
    }

    @Test("fails with the signal when a unit crashes")
    func crash() async throws {
        try await TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.numbers, ["items": 40, "bad": 3, "how": 1], in: directory)
            job.itemsPerUnit = 4
            let error = await #expect(throws: TalkootError.self) { try await job.run(slots: 1) }
            #expect(error?.code == .jobFailed)
            #expect(error?.message.contains("crashed by signal 11") == true, "\(String(describing: error))")
        }
    }

    @Test("fails with the module's words when merge or finish fails", arguments: [0, 1] as [Int64])
    func hopeless(place: Int64) async throws {
        try await TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.hopeless, ["where": place], in: directory)
            job.itemsPerUnit = 10
            let error = await #expect(throws: TalkootError.self) { try await job.run(slots: 1) }
            #expect(error?.code == .jobFailed)
            #expect(error?.message.contains(place == 0 ? "these do not fold" : "cannot end") == true, "\(String(describing: error))")
        }
    }

    @Test("is refused before anything is written when plan, parameters, input or output are wrong")
    func refused() throws {
        try TemporaryDirectory.with { directory in
            func code(_ change: (inout TestJob) throws -> Void, _ source: Source = TestModules.numbers) throws -> TalkootError.Code? {
                var job = try TestJob(source, source === TestModules.numbers ? ["items": 10] : [:], in: directory)
                try change(&job)
                let error = #expect(throws: TalkootError.self) { try job.submit() }
                #expect(!JobJournal.exists(in: job.jobDirectory))
                return error?.code
            }
            #expect(try code({ $0.parameters["items"] = .integer(-1) }) == .jobFailed)
            #expect(try code({ $0.parameters["items"] = .text("many") }) == .usage)
            #expect(try code({ $0.parameters["colour"] = .integer(1) }) == .usage)
            let file = try directory.write([1], to: "input")
            #expect(try code({ $0.inputPath = file }) == .usage)
            #expect(try code({ $0.outputPath = directory.path + "/none/out" }) == .cannotCreate)
            #expect(try code({ $0.itemsPerUnit = 0 }) == .usage)
            #expect(try code({ _ in }, TestModules.capitals) == .usage)
            #expect(try code({ $0.inputPath = directory.path + "/none" }, TestModules.capitals) == .notFound)
        }
    }

    @Test("can be stopped and resumed, and a finished one gives its output again elsewhere")
    func stopAndResume() async throws {
        try await TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.numbers, ["items": 400, "pause": 20_000], in: directory)
            job.itemsPerUnit = 1
            let done = try await interrupt(job, after: 20)
            try await resumeWhenFree(job) { resumed in
                #expect(resumed.progress.unitsDone >= done)
                try resumed.addLocalSlots(2)
                #expect(try await resumed.run().outputBytes() == TestModules.numbersText(400))
            }
            try await resumeWhenFree(job, output: .file(directory.path + "/again")) { again in
                let summary = try await again.run()
                #expect(summary.output == .file(path: directory.path + "/again", byteCount: 1_490))
            }
        }
    }

    @Test("is refused at resume when its input was changed, its module is another, or it was cancelled")
    func resumeRefused() throws {
        try TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.capitals, in: directory)
            job.inputPath = try directory.write(Array("a\nb\n".utf8), to: "input")
            do { _ = try job.submit() }
            let other = try TestModules.squares.module(in: directory)
            #expect(refusal { try job.resume(with: other) } == .refused)
            _ = try directory.write(Array("a\nc\n".utf8), to: "input")
            #expect(refusal { try job.resume(with: job.module) } == .badData)
        }
    }

    @Test("that was cancelled says so and cannot be resumed")
    func cancelled() async throws {
        try await TemporaryDirectory.with { directory in
            let job = try TestJob(TestModules.numbers, ["items": 10_000, "pause": 5_000], in: directory)
            do {
                let coordinator = try job.submit()
                try coordinator.addLocalSlots(1)
                coordinator.cancel()
                let error = await #expect(throws: TalkootError.self) { try await coordinator.run() }
                #expect(error?.code == .interrupted)
            }
            #expect(try JobJournal.open(directory: job.jobDirectory, access: .readOnly).record().state == .cancelled)
        }
    }

    /// Runs a job until some units are durable, stops it, and says how many there were.
    private func interrupt(_ job: TestJob, after units: UInt64) async throws -> UInt64 {
        let coordinator = try job.submit()
        try coordinator.addLocalSlots(2)
        async let outcome = coordinator.run()
        while coordinator.progress.unitsDone < units { await Task.yield() }
        coordinator.stop()
        do {
            _ = try await outcome
            Issue.record("it was not interrupted")
        } catch {
            #expect((error as? TalkootError)?.code == .interrupted)
        }
        return coordinator.progress.unitsDone
    }

    /// Why a job is not taken up, once the last coordinator of this process has let go of its journal.
    private func refusal(_ body: () throws -> Coordinator) -> TalkootError.Code? {
        while true {
            do {
                _ = try body()
                return nil
            } catch let error as TalkootError where error.code == .tryLater {
                sched_yield()
            } catch {
                return (error as? TalkootError)?.code
            }
        }
    }
}
