import Foundation
import TalkootCore
import TalkootSandbox
import TalkootTesting
import Testing

/// In a process of its own: other tests open descriptors and start processes, too.
@Suite("What cells leave behind")
struct LeftoverTests {
    @Test("Three hundred cells that were started, run and killed leave nothing behind")
    func nothing() async throws {
        let directory = try OrdinaryUser.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        await #expect(processExitsWith: .success) { [directory = directory as String] in
            let launcher = try Workshop.launcher()
            let library = try Workshop.library(
                run: "if (unit->index == 3) *(volatile int *)0 = 1; memset(host->reserve(host, 65536), 1, 65536); return TALKOOT_OK;")
            try Self.cells(30, launcher, library)
            let before = ProcessSnapshot.take()
            try Self.cells(300, launcher, library)
            let after = ProcessSnapshot.take()
            try HostileModule.note(after.isClean(since: before) ? [] : ["\(before) became \(after)"], in: directory)
        }
        for line in try HostileModule.noted(in: directory) { Issue.record("\(line)") }
    }

    /// Some end by themselves, some crash, some are killed, some are just forgotten.
    private static func cells(_ count: Int, _ launcher: CellLauncher, _ library: LibraryImage) throws {
        for number in 0..<count {
            let cell = try launcher.launch(CellSettings(library: library, limits: Workshop.limits, slot: number % 4))
            _ = cell.run(Workshop.batch(0..<UInt64(1 + number % 5)))
            if number % 3 != 0 { cell.close() }
        }
    }
}
