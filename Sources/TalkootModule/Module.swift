public import CTalkoot

/// What a module is made of: five functions, of which only `run` is needed.
///
/// A module's source ends with the one function that the host looks up:
///
/// ```swift
/// @c(talkoot_module_v1) public func exported(_ host: HostPointer?) -> ModulePointer? {
///     Module.export(run: count, merge: add, finish: report)
/// }
/// ```
public enum Module {
    /// Says how many items the job has, from its parameters and the size of its input in bytes (0 without one).
    public typealias Plan = @Sendable (_ host: Host, _ inputBytes: UInt64) throws(Failure) -> UInt64
    /// Computes one unit and writes its result. It must depend on nothing but the unit and the parameters.
    public typealias Run = @Sendable (_ host: Host, _ unit: Unit, _ output: Output) throws(Failure) -> Void
    /// Folds consecutive results, in order, into one and writes it. However results are grouped, the outcome must be the same.
    public typealias Merge = @Sendable (_ host: Host, _ results: Results, _ output: Output) throws(Failure) -> Void
    /// Turns the one result that is left into the job's output and writes it.
    public typealias Finish = @Sendable (_ host: Host, _ merged: Bytes, _ output: Output) throws(Failure) -> Void
    /// Says whether two results of one unit agree.
    public typealias Equal = @Sendable (_ host: Host, _ left: Bytes, _ right: Bytes) throws(Failure) -> Bool

    /// Makes the table that `talkoot_module_v1` returns. Call it once.
    ///
    /// - Parameters:
    ///   - plan: without it a job has as many items as its input has.
    ///   - run: computes a unit.
    ///   - merge: without it results are concatenated.
    ///   - finish: without it the merged result is the output.
    ///   - equal: without it results agree when their bytes do.
    public static func export(
        plan: Plan? = nil, run: @escaping Run, merge: Merge? = nil, finish: Finish? = nil, equal: Equal? = nil
    ) -> ModulePointer? {
        Callbacks.install(Callbacks(plan: plan, run: run, merge: merge, finish: finish, equal: equal))
        let table = UnsafeMutablePointer<talkoot_module>.allocate(capacity: 1)
        table.initialize(to: talkoot_module())
        table.pointee.abi_version = 1
        table.pointee.struct_size = UInt32(MemoryLayout<talkoot_module>.size)
        table.pointee.run = { Callbacks.run($0, $1) }
        if plan != nil { table.pointee.plan = { Callbacks.plan($0, $1, $2) } }
        if merge != nil { table.pointee.merge = { Callbacks.merge($0, $1, $2) } }
        if finish != nil { table.pointee.finish = { Callbacks.finish($0, $1) } }
        if equal != nil { table.pointee.equal = { Callbacks.equal($0, $1, $2, $3) } }
        return UnsafePointer(table)
    }
}

/// The host as `talkoot_module_v1` receives it.
public typealias HostPointer = UnsafePointer<talkoot_host>

/// The table as `talkoot_module_v1` returns it.
public typealias ModulePointer = UnsafePointer<talkoot_module>

/// Bytes that somebody else owns: valid during the call that received them, a collection of `UInt8`, never copied.
public typealias Bytes = UnsafeRawBufferPointer

/// Why a call fails, for a person; thrown by a module's functions.
public struct Failure: Error {
    /// The words, at most 1 KiB of UTF-8.
    public let message: String
    let isStop: Bool

    /// A failure with these words.
    public init(_ message: String) {
        self.message = message
        isStop = false
    }

    private init(stop message: String) {
        self.message = message
        isStop = true
    }

    /// Thrown by `run` after ``Host/shouldStop`` was true: the unit is not finished, and nothing is wrong.
    public static var stopped: Failure { Failure(stop: "stopped") }
}
