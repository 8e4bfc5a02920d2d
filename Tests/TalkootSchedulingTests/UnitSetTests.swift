import TalkootTesting
import Testing

@testable import TalkootScheduling

@Suite struct UnitSetTests {
    @Test("Ranges that touch or overlap merge, and the count follows")
    func merging() {
        var set = UnitSet(0..<3)
        set.insert(5..<7)
        set.insert(3..<4)
        #expect(set.ranges == [0..<4, 5..<7])
        set.insert(4..<5)
        #expect(set.ranges == [0..<7])
        set.insert(2..<6)
        #expect(set.count == 7)
    }

    @Test("Inserting, removing, taking and asking agree with a plain set of numbers for 300 random sequences")
    func againstPlainSet() {
        for seed in 1...300 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            var set = UnitSet(chunkLimit: 3)
            var plain: Set<UInt64> = []
            for _ in 0..<60 {
                let start = random.below(90)
                let range = start..<start + random.below(seed % 2 == 0 ? 4 : 20)
                switch random.below(4) {
                case 0:
                    set.remove(range)
                    plain.subtract(range)
                case 1: plain.subtract(set.take(random.below(8), from: start) ?? 0..<0)
                default:
                    set.insert(range)
                    plain.formUnion(range)
                }
                #expect(set.count == UInt64(plain.count), "seed \(seed)")
                #expect(set.rangeCount == set.ranges.count, "seed \(seed)")
                #expect(set.ranges.flatMap(Array.init) == plain.sorted(), "seed \(seed)")
                #expect(set.missing(from: range).flatMap(Array.init) == range.filter { !plain.contains($0) }, "seed \(seed)")
                #expect(set.contains(start) == plain.contains(start), "seed \(seed)")
                #expect(zip(set.ranges, set.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }, "seed \(seed)")
            }
        }
    }
}
