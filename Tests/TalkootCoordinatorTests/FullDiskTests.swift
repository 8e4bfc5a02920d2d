import Foundation
import TalkootCoordinator
import TalkootCore
import TalkootStore
import Testing

@testable import TalkootCoordinator

@Suite("A full disk", .timeLimit(.minutes(2)))
struct FullDiskTests {
    @Test("under the journal ends the job with words, and the job goes on when there is room", .enabled(if: getuid() == 0))
    func journal() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        var job = try TestJob(TestModules.numbers, ["items": 400_000], in: directory)
        job.itemsPerUnit = 100
        try FileManager.default.createDirectory(atPath: job.jobDirectory, withIntermediateDirectories: true)
        try mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", job.jobDirectory)
        defer { try? Self.command("umount", ["-l", job.jobDirectory]) }
        let error = await #expect(throws: TalkootError.self) { try await job.run(slots: 1) }
        #expect(error?.code == .inputOutput)
        #expect(error?.message.contains("full") == true || error?.message.contains("space") == true, "\(String(describing: error))")
        try mount("-o", "remount,size=64m", job.jobDirectory)
        try await resumeWhenFree(job) { again in
            try again.addLocalSlots(1)
            #expect(try await again.run().outputBytes() == TestModules.numbersText(400_000))
        }
    }

    @Test("under the output leaves no file behind")
    func output() async throws {
        await #expect(processExitsWith: .success) {
            // A limit on file sizes fails writes as a full disk does, for everybody and not only for root.
            signal(SIGXFSZ, SIG_IGN)
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(1), &limit)
            limit.rlim_cur = 1 << 16
            setrlimit(__rlimit_resource_t(1), &limit)
            let destination = OutputDestination(path: directory.path + "/out", directory: directory.path)
            do throws(TalkootError) {
                _ = try destination.deliver([UInt8](repeating: 1, count: 1 << 17))
                exit(3)
            } catch {
                exit(error.code == .inputOutput && directory.names.isEmpty ? 0 : 4)
            }
        }
    }

    private func mount(_ arguments: String...) throws { try Self.command("mount", arguments) }

    private static func command(_ name: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name] + arguments
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
