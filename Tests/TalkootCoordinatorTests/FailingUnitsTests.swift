import Foundation
import TalkootCoordinator
import TalkootCore
import TalkootStore
import Testing

@Suite("A job with units that fail", .timeLimit(.minutes(2)))
struct FailingUnitsTests {
    /// Counts items, and fails in units that have one of `from ..< to`. The count is kept in 8 bytes and written as text at the end.
    static let spotty = Source(
        manifest: TestModules.manifest(
            "spotty",
            parameters: [
                TestModules.number("items"), TestModules.number("from"), TestModules.number("to"), TestModules.number("pause", 0),
            ]),
        code: """
            static int32_t plan(const talkoot_host *host, uint64_t size, uint64_t *items) { *items = host->integer(host, "items"); return 0; }
            static int32_t run(const talkoot_host *host, const talkoot_unit *unit) {
                int64_t from = host->integer(host, "from"), to = host->integer(host, "to");
                struct timespec begin, now; clock_gettime(CLOCK_MONOTONIC, &begin);
                do { clock_gettime(CLOCK_MONOTONIC, &now); }
                while ((now.tv_sec - begin.tv_sec) * 1000000 + (now.tv_nsec - begin.tv_nsec) / 1000 < host->integer(host, "pause"));
                for (uint64_t i = unit->first_item; i < unit->first_item + unit->item_count; i++)
                    if ((int64_t)i >= from && (int64_t)i < to) return host->fail(host, "a bad item");
                uint64_t count = unit->item_count;
                return host->write(host, &count, 8);
            }
            static int32_t merge(const talkoot_host *host, const talkoot_bytes *r, size_t count) {
                uint64_t sum = 0, one;
                for (size_t n = 0; n < count; n++) { memcpy(&one, r[n].data, 8); sum += one; }
                return host->write(host, &sum, 8);
            }
            static int32_t finish(const talkoot_host *host, talkoot_bytes all) {
                uint64_t sum = 0; if (all.size == 8) memcpy(&sum, all.data, 8);
                char text[32]; int length = snprintf(text, sizeof text, "%llu\\n", (unsigned long long)sum);
                return host->write(host, text, length);
            }
            static talkoot_module module = { TALKOOT_ABI_VERSION, sizeof(talkoot_module), plan, run, merge, finish };
            """)

    private func job(_ from: Int64, _ to: Int64, in directory: TemporaryDirectory, pause: Int64 = 0) throws -> TestJob {
        var job = try TestJob(Self.spotty, ["items": 200, "from": from, "to": to, "pause": pause], in: directory)
        job.itemsPerUnit = 2
        return job
    }

    private func codes(_ job: TestJob) throws -> [Decision.Code] { try DecisionLog.read(directory: job.jobDirectory).map(\.code) }

    @Test("runs the others all the same, names the first failure, and gives what there is as a partial result")
    func others() async throws {
        try await TemporaryDirectory.with { directory in
            let job = try job(50, 56, in: directory)
            let error = await #expect(throws: TalkootError.self) { try await job.run(slots: 2) }
            #expect(error?.code == .jobFailed)
            #expect(
                error?.message.contains("of spotty 1.0.0 failed: a bad item (and 2 more units failed)") == true, "\(error?.message ?? "")")
            let journal = try JobJournal.open(directory: job.jobDirectory, access: .readOnly)
            let progress = try journal.progress()
            #expect(progress.unitsDone == 97 && progress.unitsFailed == 3)
            #expect(try journal.record().state.description == "failed")
            let part = try PartialResult.make(
                directory: job.jobDirectory, module: job.module, launcher: TestModules.launcher.get(), to: directory.path + "/part")
            #expect(part.units == 97 && part.unitsInAll == 100 && !part.isPrefix && !part.isProvisional)
            #expect(try String(contentsOfFile: directory.path + "/part", encoding: .utf8) == "194\n")
            let story = try DecisionLog.read(directory: job.jobDirectory)
            #expect(Set(story.filter { $0.code == .unitGivenUp }.compactMap(\.firstUnit)) == [25, 26, 27])
            #expect(story.filter { $0.code == .unitFailed }.allSatisfy { $0.volunteer == "local" && $0.message.contains("a bad item") })
            #expect(story.last?.code == .failed && story.first?.code == .submitted)
        }
    }

    @Test("is aborted when the first tenth of its units all fail, and only then")
    func aborted() async throws {
        try await TemporaryDirectory.with { directory in
            let all = try job(0, 200, in: directory)
            _ = await #expect(throws: TalkootError.self) { try await all.run(slots: 2) }
            #expect(try codes(all).contains(.aborted))
            let journal = try JobJournal.open(directory: all.jobDirectory, access: .readOnly)
            #expect((10...14).contains(try journal.progress().unitsFailed))
            var most = try job(1, 200, in: directory)
            most.name = "second"
            most.itemsPerUnit = 1
            _ = await #expect(throws: TalkootError.self) { try await most.run(slots: 1) }
            #expect(try !codes(most).contains(.aborted))
            let progress = try JobJournal.open(directory: most.jobDirectory, access: .readOnly).progress()
            #expect(progress.unitsDone == 1 && progress.unitsFailed == 199)
        }
    }

    @Test("tries them again when it is resumed")
    func resumed() async throws {
        try await TemporaryDirectory.with { directory in
            let job = try job(50, 52, in: directory)
            _ = await #expect(throws: TalkootError.self) { try await job.run(slots: 2) }
            try await resumeWhenFree(job) { again in
                #expect(again.progress.unitsDone == 99)
                try again.addLocalSlots(1)
                let error = await #expect(throws: TalkootError.self) { try await again.run() }
                #expect(error?.code == .jobFailed)
            }
        }
    }

    @Test("fails when its deadline passes, keeps what it has, and is finished by a resume without one")
    func deadline() async throws {
        try await TemporaryDirectory.with { directory in
            let job = try job(-1, -1, in: directory, pause: 50_000)
            let now = Int64(Date().timeIntervalSince1970)
            do {
                let coordinator = try job.submit(terms: JobRecord.Terms(deadline: now + 2))
                try coordinator.addLocalSlots(1)
                let error = await #expect(throws: TalkootError.self) { try await coordinator.run() }
                #expect(error?.code == .jobFailed && error?.message.contains("deadline") == true)
            }
            #expect(try codes(job).contains(.deadlineMissed))
            try await resumeWhenFree(job, terms: JobRecord.Terms()) { again in
                #expect(again.progress.unitsDone > 0)
                try again.addLocalSlots(2)
                #expect(try await again.run().outputBytes() == Array("200\n".utf8))
            }
        }
    }

    @Test("may have its local slots changed while it runs")
    func slots() async throws {
        try await TemporaryDirectory.with { directory in
            let job = try job(-1, -1, in: directory, pause: 3_000)
            let coordinator = try job.submit()
            try coordinator.setLocalSlots(1)
            async let summary = coordinator.run()
            for count in [3, 1, 2, 0, 2] {
                try coordinator.setLocalSlots(count)
                #expect(coordinator.progress.slots == count || coordinator.progress.unitsDone == 100)
            }
            #expect(try await summary.outputBytes() == Array("200\n".utf8))
        }
    }
}
