import CTalkoot

/// One work unit: a run of consecutive items. A replica of it, on another host and another day, has the same values but ``attempt``.
public struct Unit {
    /// Its number in the job.
    public let index: UInt64
    /// Its items, at least one.
    public let items: Range<UInt64>
    /// For the unit's random numbers; the same for every replica.
    public let seed: UInt64
    /// 0 for the first try on this host.
    public let attempt: UInt32
    /// The items' own bytes, when the job has an input.
    public let input: Bytes
    /// The job's common input, when it has one.
    public let common: Bytes
    /// The newest checkpoint of this unit, or empty.
    public let checkpoint: Bytes

    init(_ unit: talkoot_unit) {
        index = unit.index
        items = unit.first_item..<unit.first_item + unit.item_count
        seed = unit.seed
        attempt = unit.attempt
        input = Bytes(unit.input)
        common = Bytes(unit.common)
        checkpoint = Bytes(unit.checkpoint)
    }
}

/// The results that `merge` folds, in order.
public struct Results: RandomAccessCollection {
    private let results: UnsafeBufferPointer<talkoot_bytes>

    init(_ results: UnsafeBufferPointer<talkoot_bytes>) { self.results = results }

    /// 0.
    public var startIndex: Int { 0 }
    /// How many results there are.
    public var endIndex: Int { results.count }
    /// The bytes of one result, not copied.
    public subscript(position: Int) -> Bytes { Bytes(results[position]) }
}
