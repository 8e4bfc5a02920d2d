import TalkootCore
import Testing

@testable import TalkootCoordinator

@Suite("An estimate")
struct EstimateTests {
    @Test("has a median and a bound that the sum of all units stays below in 19 of 20 jobs", arguments: [3, 8, 16])
    func coverage(count: Int) throws {
        var random = SeededRandom(seed: 5)
        var below = 0
        for _ in 0..<400 {
            let seconds = (0..<200).map { _ in Double.random(in: 0.5...1.5, using: &random) }
            var estimate = JobEstimate(shape: JobShape(items: 200, itemsPerUnit: 1), samples: [])
            estimate.samples = (0..<count).map { _ in seconds.randomElement(using: &random) ?? 1 }
            let cost = try #require(estimate.processorSeconds)
            #expect(cost.p50 < cost.p95)
            if seconds.reduce(0, +) <= cost.p95 { below += 1 }
        }
        #expect(below >= 368, "\(below) of 400")
    }

    @Test("of a job whose units were all run is exact, and more slots make it shorter down to one unit")
    func exact() throws {
        let estimate = JobEstimate(shape: JobShape(items: 3, itemsPerUnit: 1), samples: [1, 2, 3])
        #expect(estimate.processorSeconds == JobEstimate.Quantiles(p50: 6, p95: 6))
        let one = try #require(estimate.seconds(slots: 1)), many = try #require(estimate.seconds(slots: 1000))
        #expect(one.p50 == 6 && many.p50 < one.p50 && many.p50 >= 2)
        #expect(try #require(estimate.seconds(slots: 1, copies: 2)).p50 == 12)
    }

    @Test("says nothing when nothing could be run")
    func unknown() {
        let estimate = JobEstimate(shape: JobShape(items: 10, itemsPerUnit: 1), samples: [])
        #expect(estimate.unitSeconds == nil && estimate.processorSeconds == nil && estimate.seconds(slots: 4) == nil)
    }

    @Test("is made of units that are spread over the job, each once, within the budget", arguments: [1, 2, 5, 17, 1_000_000] as [UInt64])
    func sampling(units: UInt64) {
        var sampling = UnitSampling(units: units, unitSeconds: 0.1, budgetSeconds: 1.05, share: 1)
        var seen: Set<UInt64> = []
        while let unit = sampling.next {
            #expect(unit < units && seen.insert(unit).inserted)
            sampling.record(unit, seconds: 0.1)
        }
        #expect(seen.count == min(10, Int(units)))
        if units == 1_000_000 { #expect((seen.min() ?? 0) < 100_000 && (seen.max() ?? 0) > 900_000) }
        let small = UnitSampling(units: 100, unitSeconds: 0.1, budgetSeconds: 2)
        #expect(small.next != nil && UnitSampling(units: 40, unitSeconds: 0.1, budgetSeconds: 2).next == nil)
    }
}
