import Testing

@testable import TalkootStore

@Test(
    "Ends of results come back as they were, whatever the lengths",
    arguments: [
        [0], [5], [1, 2, 3], [0, 0, 0], [0, 255], [0, 256, 256], [70_000, 70_001], [1, 1, 4_294_967_297],
    ])
func endsRoundTrip(_ ends: [Int]) {
    let encoded = ResultEnds.encode(ends)
    #expect(ResultEnds.decode(encoded, units: ends.count, total: ends[ends.count - 1]) == ends)
}

@Test("A million results of the same length cost nine bytes of ends")
func uniformEndsAreSmall() {
    let ends = Array(stride(from: 8, through: 8_000_000, by: 8))
    #expect(ResultEnds.encode(ends).count == 9)
    #expect(ResultEnds.decode(ResultEnds.encode(ends), units: ends.count, total: 8_000_000) == ends)
}

@Test("Ends that do not fit the units or the bytes are refused")
func damagedEnds() {
    #expect(ResultEnds.decode(ResultEnds.encode([1, 3]), units: 3, total: 3) == nil)
    #expect(ResultEnds.decode(ResultEnds.encode([1, 3]), units: 2, total: 4) == nil)
    #expect(ResultEnds.decode([3, 1, 1, 1], units: 1, total: 1) == nil)
    #expect(ResultEnds.decode([], units: 1, total: 0) == nil)
    #expect(ResultEnds.decode([0, 255, 255, 255, 255, 255, 255, 255, 127], units: 3, total: 1) == nil)
    var generator = Seeded(state: 1)
    for _ in 0..<20_000 {
        let bytes = (0..<Int.random(in: 0...12, using: &generator)).map { _ in UInt8.random(in: 0...9, using: &generator) }
        let units = Int.random(in: 1...6, using: &generator)
        let total = Int.random(in: 0...30, using: &generator)
        if let ends = ResultEnds.decode(bytes, units: units, total: total) { #expect(ends.count == units && ends.last == total) }
    }
}
