/// How a job's items are cut into units: every unit has the same number of items, the last one perhaps fewer.
public struct JobShape: Hashable, Sendable, Codable {
    /// How many items the job has; zero is allowed and makes a job without units.
    public let items: UInt64
    /// How many items make a unit, at least 1.
    public let itemsPerUnit: UInt64

    /// Cuts `items` items into units of `itemsPerUnit`, which must be at least 1.
    public init(items: UInt64, itemsPerUnit: UInt64) {
        precondition(itemsPerUnit > 0, "a unit has at least one item")
        self.items = items
        self.itemsPerUnit = itemsPerUnit
    }

    /// How many units there are.
    public var units: UInt64 { items / itemsPerUnit + (items % itemsPerUnit == 0 ? 0 : 1) }

    /// The items of one unit, whose index must lie below ``units``.
    public func items(ofUnit unit: UInt64) -> Range<UInt64> { items(ofUnits: unit..<unit + 1) }

    /// The items of a run of units, whose end must not lie above ``units``.
    public func items(ofUnits units: Range<UInt64>) -> Range<UInt64> {
        precondition(units.upperBound <= self.units, "the job has \(self.units) units")
        let (end, overflow) = units.upperBound.multipliedReportingOverflow(by: itemsPerUnit)
        return min(units.lowerBound * itemsPerUnit, items)..<(overflow ? items : min(end, items))
    }
}
