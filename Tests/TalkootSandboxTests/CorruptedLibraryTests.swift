import Foundation
import TalkootCore
import TalkootPackaging
import TalkootTesting
import Testing

@testable import TalkootSandbox

@Suite("Corrupted libraries")
struct CorruptedLibraryTests {
    @Test("Two hundred corrupted libraries: admission answers, a cell refuses, dies or works, nothing hangs", .timeLimit(.minutes(5)))
    func corrupted() throws {
        var random = SeededGenerator()
        let good = try AttackLibrary(HostileModule.library()).choosing("open-bare", at: .run)
        let corruptor = try #require(LibraryCorruptor(good))
        let launcher = try Workshop.launcher()
        let limits = CellLimits(memoryBytes: 32 << 20, outputBytes: 1 << 16, unitWallSeconds: 0.5, unitProcessorSeconds: 0.5)
        var ends = ["admitted": 0, "refused": 0, "not loaded": 0, "failed": 0, "worked": 0]
        for number in 0..<200 {
            let (bytes, how) = corruptor.corrupted(using: &random)
            let report = AdmissionReport.examine(bytes, platform: "x86_64-linux-gnu")
            ends[report.isAdmitted ? "admitted" : "refused", default: 0] += 1
            #expect(report.isAdmitted || report.refusal != nil)
            guard !bytes.isEmpty else { continue }
            do {
                let cell = try launcher.launch(CellSettings(library: LibraryImage(bytes: bytes), limits: limits))
                let result = cell.run(Workshop.batch(0..<1))
                ends[result.failure == nil ? "worked" : "failed", default: 0] += 1
            } catch {
                ends["not loaded", default: 0] += 1
                #expect(error.code == .badData, "seed \(random.seed), number \(number), \(how): \(error)")
            }
        }
        // Few are loaded and fail then, so that none may.
        for end in ["admitted", "refused", "not loaded", "worked"] { #expect(ends[end] ?? 0 > 0, "\(ends), seed \(random.seed)") }
        let cell = try launcher.launch(CellSettings(library: LibraryImage(bytes: good), limits: limits))
        #expect(cell.run(Workshop.batch(0..<1)).bytes == Array("ENOENT".utf8))
    }
}
