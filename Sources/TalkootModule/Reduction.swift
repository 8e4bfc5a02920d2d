extension Results {
    /// Folds results that are one number each, in order. For `merge`: a sum, a product, a least or greatest value.
    ///
    /// ```swift
    /// try output.write(try results.fold(UInt64.self) { $0 &+ $1 })
    /// ```
    ///
    /// - Throws: ``Failure`` when a result has another size than the number, which a stranger may send.
    public func fold<Number: FixedWidthInteger>(
        _ type: Number.Type, _ combine: (Number, Number) -> Number
    ) throws(Failure) -> Number {
        var folded: Number?
        for result in self {
            guard result.count == MemoryLayout<Number>.size else { throw Failure("a result has another size than one number") }
            let number = try result.value(Number.self)
            folded = if let before = folded { combine(before, number) } else { number }
        }
        return folded ?? 0
    }

    /// Folds results that are as many numbers each, place by place: histograms, sums of rows.
    ///
    /// - Throws: ``Failure`` when the results differ in size.
    public func foldNumbers<Number: FixedWidthInteger>(
        _ type: Number.Type, _ combine: (Number, Number) -> Number
    ) throws(Failure) -> [Number] {
        var folded: [Number] = []
        var isFirst = true
        for result in self {
            let numbers = try result.numbers(of: Number.self)
            if isFirst {
                folded = Array(numbers)
                isFirst = false
                continue
            }
            guard numbers.count == folded.count else { throw Failure("results differ in size") }
            for place in folded.indices { folded[place] = combine(folded[place], numbers[place]) }
        }
        return folded
    }
}
