public import TalkootCore

extension JobJournal {
    /// Who did which units with a result, in ascending order, neighbours of one volunteer as one run. Costs a pass over the rows.
    ///
    /// - Throws: `.inputOutput` or `.badData` when the journal cannot be read.
    public func runs(_ body: (String, Range<UInt64>) -> Void) throws(TalkootError) {
        try reading("SELECT first, units, volunteer FROM result WHERE failure IS NULL ORDER BY first") { statement in
            var last: (volunteer: String, units: Range<UInt64>)?
            while try statement.step() {
                let first = UInt64(statement.integer(0))
                let (units, volunteer) = (first..<first + UInt64(statement.integer(1)), statement.text(2) ?? "")
                if let open = last {
                    if open.volunteer == volunteer, open.units.upperBound == first {
                        last = (volunteer, open.units.lowerBound..<units.upperBound)
                        continue
                    }
                    body(open.volunteer, open.units)
                }
                last = (volunteer, units)
            }
            if let open = last { body(open.volunteer, open.units) }
        }
    }
}
