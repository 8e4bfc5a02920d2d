import TalkootCore

/// The input of the next units, asked for in runs and used up in batches.
struct InputSupply {
    /// A run of units and their bytes, which start at `start`.
    struct Part {
        var units: Range<UInt64>
        var bytes: [UInt8] = []
        var ends: [Int] = []
        var start = 0
    }

    let source: ((Range<UInt64>) throws(TalkootError) -> (bytes: [UInt8], ends: [Int]))?
    /// The run that was fetched last; a batch may have used only its beginning.
    private var held: Part?

    init(source: ((Range<UInt64>) throws(TalkootError) -> (bytes: [UInt8], ends: [Int]))?) { self.source = source }

    /// What there is for these units, or for the first of them, at least for one.
    ///
    /// - Throws: what the source throws, or `badData` when it gives something else than was asked for.
    mutating func part(for wanted: Range<UInt64>) throws(TalkootError) -> Part {
        guard let source else { return Part(units: wanted) }
        if let part = held(from: wanted) { return part }
        let (bytes, ends) = try source(wanted)
        let isOrdered = zip(ends, ends.dropFirst()).allSatisfy { $0 <= $1 }
        guard ends.count == wanted.count, isOrdered, ends.first ?? 0 >= 0, ends.last ?? 0 <= bytes.count else {
            throw TalkootError(.badData, "the input of units \(wanted) does not fit them")
        }
        held = Part(units: wanted, bytes: bytes, ends: ends)
        return held(from: wanted) ?? Part(units: wanted)
    }

    /// The part of what is held that starts with the first unit, no more than a batch may carry.
    private func held(from wanted: Range<UInt64>) -> Part? {
        guard let held, held.units.contains(wanted.lowerBound) else { return nil }
        let skipped = Int(wanted.lowerBound - held.units.lowerBound)
        let start = skipped == 0 ? 0 : held.ends[skipped - 1]
        let rest = held.ends[skipped...].prefix(wanted.count)
        let fitting = rest.prefix { $0 - start <= RangeRunner.inputBytes }
        let ends = fitting.isEmpty ? rest.prefix(1) : fitting
        return Part(
            units: wanted.lowerBound..<wanted.lowerBound + UInt64(ends.count), bytes: held.bytes, ends: Array(ends), start: start)
    }
}
