@_exported public import TalkootModule
@_exported public import _Concurrency

extension Module {
    /// Computes one unit as ``TalkootModule/Module/Run`` does, and may wait meanwhile for other work of the same unit: `async let`, task groups,
    /// actors. A cell has one thread, so tasks take turns on it, always in the same order: a result depends on no race.
    public typealias AsyncRun = @Sendable @concurrent (_ host: Host, _ unit: Unit, _ output: Output) async throws(Failure) -> Void

    /// Makes the table that `talkoot_module_v1` returns. Call it once.
    ///
    /// Every task that a unit started is run to its end before the unit is over, on the thread that the host called.
    ///
    /// - Parameters:
    ///   - plan: without it a job has as many items as its input has.
    ///   - run: computes a unit. One that waits for what none of its tasks will do fails.
    ///   - merge: without it results are concatenated.
    ///   - finish: without it the merged result is the output.
    ///   - equal: without it results agree when their bytes do.
    public static func export(
        plan: Plan? = nil, run: @escaping AsyncRun, merge: Merge? = nil, finish: Finish? = nil, equal: Equal? = nil
    ) -> ModulePointer? {
        export(
            plan: plan,
            run: { (host, unit, output) throws(Failure) in try UnitCall(host: host, unit: unit, output: output).perform(run) },
            merge: merge, finish: finish, equal: equal)
    }
}
