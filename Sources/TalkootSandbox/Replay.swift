public import TalkootCore

/// A capsule's unit, run again here in a cell of its own.
public struct Replay: Sendable {
    /// How it ended this time.
    public var verdict: UnitOutcome
    /// What the module logged.
    public var log: String
    /// The size of its result, in bytes; 0 when it failed.
    public var resultBytes: Int
    /// How long the unit took, in seconds.
    public var seconds: Double

    /// Runs the unit under the capsule's limits. Blocks until it ends.
    ///
    /// - Throws: ``TalkootError`` `notFound` when the capsule did not keep the unit's input, `cannotCreate`, `refused` or `usage` when
    ///   no cell can be started by the machine's fault. What the module does wrong is a verdict, also while it is loaded.
    public init(_ capsule: Capsule, library: LibraryImage, launcher: CellLauncher) throws(TalkootError) {
        var input: [UInt8]?
        switch capsule.input {
        case .none: break
        case .bytes(let bytes): input = bytes
        case .omitted(let count):
            throw TalkootError(
                .notFound, "the unit had \(NumberText.size(count)) of input, which is more than a capsule keeps",
                remedy: "run the job again with smaller units (--unit-size)")
        }
        let settings = CellSettings(library: library, parameters: capsule.parameters, limits: capsule.limits)
        let cell: Cell
        do throws(LaunchFault) {
            cell = try launcher.start(settings)
        } catch {
            guard case .module(let outcome) = error else { throw error.talkootError }
            (verdict, log, resultBytes, seconds) = (outcome, "", 0, 0)
            return
        }
        defer { cell.close() }
        let result = cell.run(
            UnitBatch(
                units: capsule.unit..<capsule.unit + 1, shape: capsule.shape, seed: capsule.seed, input: input ?? [],
                inputEnds: input.map { [$0.count] } ?? [], checkpoint: capsule.checkpoint, attempt: capsule.attempt))
        verdict = result.failure?.outcome ?? .done
        log = cell.takeLog()
        resultBytes = result.bytes.count
        seconds = result.wallSeconds
    }
}
