extension ModuleTemplate {
    /// The module in Swift.
    var swiftSource: String {
        """
        // \(name): the sum of the squares of the numbers below a limit. An item is a number.
        import TalkootModule

        let limit = Parameter<UInt64>("limit")

        /// How many items a job has.
        @Sendable func plan(_ host: Host, _ inputBytes: UInt64) throws(Failure) -> UInt64 {
            host[limit]
        }

        /// Computes one unit, a run of items, and writes its result: a number of eight bytes.
        @Sendable func run(_ host: Host, _ unit: Unit, _ output: Output) throws(Failure) {
            var sum: UInt64 = 0
            for number in unit.items { sum &+= number &* number }
            try output.write(sum)
        }

        /// Folds the results of consecutive units into one of the same form; one of another size fails.
        @Sendable func merge(_ host: Host, _ results: Results, _ output: Output) throws(Failure) {
            try output.write(try results.fold(UInt64.self) { $0 &+ $1 })
        }

        /// Turns the last result into the output. A job without items has an empty one.
        @Sendable func finish(_ host: Host, _ merged: Bytes, _ output: Output) throws(Failure) {
            let sum = merged.isEmpty ? 0 : try merged.value(UInt64.self)
            try output.write("\\(sum)\\n")
        }

        @c(talkoot_module_v1) public func exported(_ host: HostPointer?) -> ModulePointer? {
            Module.export(plan: plan, run: run, merge: merge, finish: finish)
        }

        """
    }
}
