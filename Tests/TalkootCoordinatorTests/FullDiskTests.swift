import Foundation
import TalkootCore
import TalkootCoordinator
import TalkootStore
import Testing

@Suite("A full disk", .timeLimit(.minutes(2)))
struct FullDiskTests {
    @Test("under the journal ends the job with words, and the job goes on when there is room")
    func journal() async throws {
        await #expect(processExitsWith: .success) {
            // A file size limit fails writes as a full disk does, for everybody and not only for root.
            try await FullDiskTests.runWithLimit(bytes: 1 << 20)
        }
    }

    @Sendable static func runWithLimit(bytes: UInt) async throws {
        signal(SIGXFSZ, SIG_IGN)
        try await TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.numbers, ["items": 400_000], in: directory)
            job.itemsPerUnit = 100
            _ = try TestModules.launcher.get()
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(1), &limit)
            let former = limit.rlim_cur
            limit.rlim_cur = rlim_t(bytes)
            try await expectFailure(job) { setrlimit(__rlimit_resource_t(1), &limit) }
            limit.rlim_cur = former
            setrlimit(__rlimit_resource_t(1), &limit)
            while true {
                do {
                    let again = try job.resume()
                    try again.addLocalSlots(1)
                    let output = try await again.run().outputBytes()
                    exit(output == TestModules.numbersText(400_000) ? 0 : 3)
                } catch let error as TalkootError where error.code == .tryLater {
                    await Task.yield()
                }
            }
        }
    }

    private static func expectFailure(_ job: TestJob, limited: () -> Void) async throws {
        let coordinator = try job.submit()
        limited()
        try coordinator.addLocalSlots(1)
        do {
            _ = try await coordinator.run()
            exit(4)
        } catch {
            let code = error.code
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            if code != .inputOutput { exit(5) }
        }
    }
}
