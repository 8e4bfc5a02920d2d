import TalkootCore
import Testing

@testable import TalkootCoordinator

@Suite("Calibration")
struct CalibrationTests {
    /// Measures a module whose items each cost so much, and returns the choice and the time that was spent.
    private func calibrate(
        items: UInt64, secondsPerItem: Double, inputBytes: UInt64 = 0, resultBytesPerItem: Int = 0, slots: Int = 2
    ) -> (itemsPerUnit: UInt64, unitSeconds: Double?, spent: Double) {
        var calibration = Calibration(items: items, inputBytes: inputBytes, slots: slots)
        var spent = 0.0
        while let sample = calibration.nextSample {
            #expect(!sample.isEmpty && sample.upperBound <= items)
            let seconds = Double(sample.count) * secondsPerItem
            spent += seconds
            calibration.record(seconds: seconds, resultBytes: sample.count * resultBytesPerItem)
        }
        return (calibration.choice.itemsPerUnit, calibration.choice.unitSeconds, spent)
    }

    @Test("A unit is a 128th of what each slot does, within 5 ms and 2 s", arguments: [1e-8, 1e-6, 1e-4, 1e-2])
    func size(secondsPerItem: Double) throws {
        let choice = calibrate(items: 100_000_000, secondsPerItem: secondsPerItem)
        let share = secondsPerItem * 100_000_000 / (2 * 128)
        let expected = min(max(share, 0.005), 2)
        let seconds = try #require(choice.unitSeconds)
        #expect(abs(seconds / expected - 1) < 0.05)
    }

    @Test(
        "Measuring takes little whatever an item costs, and a hundredth of a slot's part in a long job",
        arguments: [1e-9, 1e-7, 1e-5, 1e-3, 0.015])
    func budget(secondsPerItem: Double) {
        let share = 0.01 * secondsPerItem * 1_000_000_000 / 2
        #expect(calibrate(items: 1_000_000_000, secondsPerItem: secondsPerItem).spent <= max(0.1, min(1, share)))
    }

    @Test("A module that prepares something for each unit is measured at units large enough to hide that")
    func fixedCost() throws {
        var calibration = Calibration(items: 5_000_000, inputBytes: 0, slots: 2)
        while let sample = calibration.nextSample {
            calibration.record(seconds: 0.02 + Double(sample.count) * 0.0005, resultBytes: 8)
        }
        let real = 0.02 + Double(calibration.choice.itemsPerUnit) * 0.0005
        #expect((1...2.1).contains(real), "\(real) s")
    }

    @Test("One item that takes longer than a sample is measured once and makes a unit")
    func slow() {
        let choice = calibrate(items: 1_000, secondsPerItem: 3)
        #expect(choice.itemsPerUnit == 1)
        #expect(choice.spent == 3)
    }

    @Test("Input and results of a unit stay within their bounds")
    func bytes() {
        let input = calibrate(items: 1 << 20, secondsPerItem: 1e-9, inputBytes: 1 << 30)
        #expect(input.itemsPerUnit << 10 <= UInt64(CoordinatorLimits.unitInputBytes))
        let result = calibrate(items: 1 << 20, secondsPerItem: 1e-9, resultBytesPerItem: 1 << 12)
        #expect(result.itemsPerUnit << 12 <= UInt64(CoordinatorLimits.unitResultBytes))
    }

    @Test("A sample that fails leaves a choice by number alone")
    func failed() {
        var calibration = Calibration(items: 1_280, inputBytes: 0, slots: 2)
        calibration.stop()
        #expect(calibration.nextSample == nil)
        #expect(calibration.choice.itemsPerUnit == 5)
        #expect(calibration.choice.unitSeconds == nil)
    }
}

@Suite("UnitRanges")
struct UnitRangesTests {
    @Test("Ranges added in any order merge as a plain set says", arguments: 0..<30 as Range<UInt64>)
    func merges(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var ranges = UnitRanges()
        var plain = Set<UInt64>()
        for _ in 0..<60 {
            let start = UInt64.random(in: 0..<200, using: &random)
            let range = start..<start + UInt64.random(in: 0..<20, using: &random)
            ranges.insert(range)
            plain.formUnion(range)
            #expect(ranges.count == UInt64(plain.count), "seed \(seed)")
            #expect(ranges.prefixEnd == (0...).first { !plain.contains($0) }, "seed \(seed)")
        }
        #expect(Set(ranges.ranges.flatMap { $0 }) == plain)
        for (left, right) in zip(ranges.ranges, ranges.ranges.dropFirst()) { #expect(left.upperBound < right.lowerBound) }
    }
}
