import TalkootCore

/// Measures a module on small samples and chooses how many items make a unit. Pure: the caller runs the samples.
///
/// Samples grow until one takes ``sampleSeconds``, or all of them took ``budgetSeconds``, or the job's end is reached. In a long job they
/// go on to ``longSampleSeconds``, for ``longBudgetSeconds`` at most: some modules prepare something for each unit. They are
/// spread over the job (by the van der Corput sequence), since items at its ends are often cheaper. A unit is then a 128th of what each
/// slot will do, but at least 5 ms and at most 2 s, and its input and result stay within bounds.
struct Calibration: Sendable {
    /// A sample this long is enough.
    static let sampleSeconds = 0.020
    /// No sample starts after this much measuring.
    static let budgetSeconds = 0.050
    /// The most seconds of measuring in a long job, and its part of what each slot will do.
    static let longBudgetSeconds = 1.0
    static let budgetShare = 0.01
    /// A sample of a long job is long enough like this.
    static let longSampleSeconds = 0.25
    /// Units that each slot should get.
    static let unitsPerSlot = 128.0
    /// The cost of a unit, in seconds.
    static let unitSeconds = 0.005...2.0

    private let items: UInt64
    private let slots: Int
    private let inputBytesPerItem: Double
    private var count: UInt64 = 1
    private var samples: UInt64 = 0
    private var spent = 0.0
    private var isOver: Bool
    private var secondsPerItem: Double?
    private var resultBytesPerItem = 0.0

    /// Begins for a job of `items` items with so many bytes of input, on `slots` slots.
    init(items: UInt64, inputBytes: UInt64, slots: Int) {
        self.items = items
        self.slots = max(1, slots)
        inputBytesPerItem = items == 0 ? 0 : Double(inputBytes) / Double(items)
        isOver = items == 0
    }

    /// The items to run next, or `nil` when enough is known.
    var nextSample: Range<UInt64>? {
        guard !isOver else { return nil }
        let places = items / count
        let place = min(places - 1, UInt64(Self.vanDerCorput(samples + 1) * Double(places)))
        return place * count..<(place + 1) * count
    }

    /// Takes in what the sample cost: its time and the size of its result.
    mutating func record(seconds: Double, resultBytes: Int) {
        samples += 1
        spent += seconds
        let perItem = max(seconds, 1e-9) / Double(count)
        secondsPerItem = perItem
        resultBytesPerItem = Double(resultBytes) / Double(count)
        let budget = min(Self.longBudgetSeconds, Self.budgetShare * perItem * Double(items) / Double(slots))
        var factor = min(max(Self.sampleSeconds * 1.2 / max(seconds, 1e-9), 2), 16)
        if seconds >= Self.sampleSeconds || spent >= Self.budgetSeconds { factor = min(8, (budget - spent) / seconds) }
        guard factor >= 2, seconds < Self.longSampleSeconds, count < items else {
            isOver = true
            return
        }
        let wanted = min(Double(count) * factor, bound.map { Double($0) } ?? .infinity, Double(items))
        guard wanted >= Double(count) + 1 else {
            isOver = true
            return
        }
        count = UInt64(wanted)
    }

    /// Ends the measuring because a sample failed or took too long; what is known stays.
    mutating func stop() { isOver = true }

    /// The choice: items a unit, and the seconds a unit will take when that is known.
    var choice: (itemsPerUnit: UInt64, unitSeconds: Double?) {
        guard let secondsPerItem else {
            let share = Double(items) / (Double(slots) * Self.unitsPerSlot)
            return (max(1, min(UInt64(share.rounded(.up)), bound ?? .max)), nil)
        }
        let total = secondsPerItem * Double(items)
        let target = min(
            max(total / (Double(slots) * Self.unitsPerSlot), Self.unitSeconds.lowerBound), Self.unitSeconds.upperBound)
        let wanted = min((target / secondsPerItem).rounded(), Double(items))
        let itemsPerUnit = max(1, min(UInt64(max(1, wanted)), bound ?? .max))
        return (itemsPerUnit, secondsPerItem * Double(itemsPerUnit))
    }

    /// The most items whose input and result stay within bounds; `nil` for no bound.
    private var bound: UInt64? {
        let input = inputBytesPerItem > 0 ? Double(CoordinatorLimits.unitInputBytes) / inputBytesPerItem : .infinity
        let result = resultBytesPerItem > 0 ? Double(CoordinatorLimits.unitResultBytes) / resultBytesPerItem : .infinity
        let least = min(input, result)
        return least < Double(items) ? UInt64(max(1, least)) : nil
    }

    /// 0, 1/2, 1/4, 3/4, 1/8, …: the first sample is from the middle, since a job's first items are often the cheapest
    private static func vanDerCorput(_ index: UInt64) -> Double {
        var bits = index
        var value = 0.0
        var weight = 0.5
        while bits > 0 {
            if bits & 1 == 1 { value += weight }
            weight /= 2
            bits >>= 1
        }
        return value
    }
}
