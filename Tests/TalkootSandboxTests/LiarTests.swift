import Foundation
import TalkootCore
import TalkootTesting
import Testing

@testable import TalkootSandbox

/// A real cell with a module that speaks for the cell: it writes random and odd numbers into every shared field, before, during
/// and after its answers, which themselves are mostly believed.
@Suite("A cell that lies in every field")
struct LiarTests {
    private static let limits = CellLimits(
        memoryBytes: 32 << 20, outputBytes: 256 << 10, logBytes: 4096, unitWallSeconds: 1, unitProcessorSeconds: 1)

    @Test("It gets an outcome or a sane value, whatever it says, and costs no more memory than its limits", .timeLimit(.minutes(3)))
    func liar() throws {
        var random = SeededGenerator()
        let launcher = try Workshop.launcher()
        let image = try LibraryImage(bytes: AttackLibrary(HostileModule.library()).choosing("liar", at: .run))
        var tally = Tally()
        // It must be believed often enough to be worth the trouble, and caught.
        for _ in 0..<400 where tally.believed < 200 || tally.caught < 200 {
            let cell = try launcher.launch(CellSettings(library: image, limits: Self.limits))
            try Self.runUnits(cell, &random, &tally)
            for _ in 0..<40 where cell.isAlive {
                switch Int.random(in: 0..<6, using: &random) {
                case 0: Self.check(cell.plan(inputBytes: 1), random.seed, &tally) { _ in true }
                case 1: Self.check(cell.merge([[1, 2], [3]]), random.seed, &tally) { $0.count <= Int(Self.limits.outputBytes) }
                case 2: Self.check(cell.finish([1, 2]), random.seed, &tally) { $0.count <= Int(Self.limits.outputBytes) }
                default: try Self.runUnits(cell, &random, &tally)
                }
                #expect(cell.takeLog().utf8.count <= 4096 + 64, "seed \(random.seed)")
            }
            cell.close()
        }
        #expect(tally.believed >= 100 && tally.caught >= 100, "\(tally), seed \(random.seed)")
    }

    private struct Tally {
        var believed = 0
        var caught = 0
    }

    private static func runUnits(_ cell: Cell, _ random: inout SeededGenerator, _ tally: inout Tally) throws {
        let units = UInt64.random(in: 0..<1 << 40, using: &random)
        let count = UInt64.random(in: 1...6, using: &random)
        var batch = Workshop.batch(0..<1)
        batch.units = units..<units + count
        batch.shape = JobShape(items: 1 << 50, itemsPerUnit: 1)
        batch.seed = UInt64.random(in: 0...UInt64.max, using: &random)
        // By the input's place the module finds the request, and there the call to answer.
        batch.input = [1]
        batch.inputEnds = Array(repeating: 1, count: Int(count))
        let result = cell.run(batch)
        if result.failure == nil { tally.believed += 1 } else { tally.caught += 1 }
        check(result, of: batch, seed: random.seed)
    }

    /// What every caller relies on.
    private static func check(_ result: BatchResult, of batch: UnitBatch, seed: UInt64) {
        let sizes = zip(result.resultEnds, [0] + result.resultEnds.dropLast()).map { $0 - $1 }
        let holds: [(String, Bool)] = [
            ("units", result.units.lowerBound == batch.units.lowerBound && result.units.upperBound <= batch.units.upperBound),
            ("something", !result.units.isEmpty || result.failure != nil), ("ends", result.resultEnds.count == result.units.count),
            ("sizes", sizes.allSatisfy { $0 >= 0 && $0 <= Int(limits.outputBytes) }),
            ("bytes", result.bytes.count == (result.resultEnds.last ?? 0)),
            ("all bytes", result.bytes.count <= Int(limits.outputBytes) + 1 << 20),
            ("checkpoint", (result.checkpoint?.bytes.count ?? 0) <= 1 << 20),
            ("times", result.processorSeconds >= 0 && result.wallSeconds >= 0),
        ]
        for (name, isTrue) in holds { #expect(isTrue, "\(name), seed \(seed)") }
        guard let failure = result.failure else { return }
        #expect(failure.unit == result.units.upperBound, "seed \(seed)")
        check(failure.outcome, seed: seed)
    }

    private static func check<Value>(
        _ answer: CellAnswer<Value>, _ seed: UInt64, _ tally: inout Tally, isSane: (Value) -> Bool
    ) {
        switch answer {
        case .value(let value):
            tally.believed += 1
            #expect(isSane(value), "seed \(seed)")
        case .failure(let outcome):
            tally.caught += 1
            check(outcome, seed: seed)
        }
    }

    private static func check(_ outcome: UnitOutcome, seed: UInt64) {
        #expect(!outcome.isDone, "seed \(seed)")
        #expect(outcome.summary.unicodeScalars.count <= 1024 + 64, "seed \(seed)")
    }
}
