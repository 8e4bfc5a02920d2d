public import TalkootCore

/// Makes the attacks of ``AttackTable`` in real cells.
public struct AttackSuite: Sendable {
    /// One attempt.
    public struct Attempt: Hashable, Sendable {
        /// The attack's place in the table, counted from 1.
        public var number: Int
        /// What is tried.
        public var attack: Attack
        /// When.
        public var moment: Attack.Moment
    }

    /// What came of an attempt.
    public struct Finding: Hashable, Sendable {
        /// The attempt.
        public var attempt: Attempt
        /// What came of it.
        public var verdict: AttackVerdict

        /// Whether it came out exactly as the table says.
        public var isExpected: Bool { verdict == attempt.attack.verdict }

        /// Whether the module got what it wanted. A program that took the cell's place and ended well did.
        public var isThrough: Bool { verdict == .through || verdict == .exited(0) && attempt.attack.verdict != .exited(0) }
    }

    /// Every attack at each of its moments.
    public static var attempts: [Attempt] {
        AttackTable.attacks.enumerated().flatMap { index, attack in
            attack.moments.map { Attempt(number: index + 1, attack: attack, moment: $0) }
        }
    }

    /// How long an attack that ends only by the watchdog is given, in seconds.
    private static let patienceSeconds = 0.3
    /// How long any other attack is given: it must not be the watchdog that ends it, however busy the machine is.
    private static let ampleSeconds = 60.0

    private let library: AttackLibrary
    private let start: @Sendable (CellSettings) throws(LaunchFault) -> Cell

    /// Attacks in cells of this launcher, with the library of the module `hostile`.
    ///
    /// - Throws: ``TalkootError`` `badData` when the library is another one.
    public init(launcher: CellLauncher, library bytes: [UInt8]) throws(TalkootError) {
        library = try AttackLibrary(bytes)
        start = { settings throws(LaunchFault) in try launcher.start(settings) }
    }

    /// Attacks in cells with these layers.
    init(starter: CellStarter, layers: LayerSet, library bytes: [UInt8]) throws(TalkootError) {
        library = try AttackLibrary(bytes)
        start = { settings throws(LaunchFault) in try starter.start(settings, layers: layers) }
    }

    /// Makes one attempt, in a cell of its own. Some 5 ms; 0.3 s when only the watchdog ends it.
    ///
    /// - Throws: ``TalkootError`` when the machine lacks something; what the attack does is a verdict.
    public func perform(_ attempt: Attempt) throws(TalkootError) -> Finding {
        do throws(LaunchFault) {
            let cell = try start(try settings(attempt))
            return Finding(attempt: attempt, verdict: Self.verdict(cell))
        } catch {
            guard case .module(let outcome) = error else { throw error.talkootError }
            return Finding(attempt: attempt, verdict: AttackVerdict(outcome))
        }
    }

    private func settings(_ attempt: Attempt) throws(LaunchFault) -> CellSettings {
        let seconds = attempt.attack.verdict == .deadline ? Self.patienceSeconds : Self.ampleSeconds
        var limits = CellLimits(memoryBytes: 32 << 20, outputBytes: 1 << 20, unitWallSeconds: seconds, unitProcessorSeconds: seconds)
        limits.threads = attempt.attack.threads
        do throws(TalkootError) {
            let image = try LibraryImage(bytes: library.choosing(attempt.attack.name, at: attempt.moment))
            return CellSettings(library: image, limits: limits)
        } catch {
            throw .machine(error)
        }
    }

    /// Two calls of two units each, of which a budget of nothing leaves the first: a lie in one call may be meant for the next.
    private static func verdict(_ cell: Cell) -> AttackVerdict {
        var finding: [UInt8] = []
        for first: UInt64 in [0, 2] {
            var batch = UnitBatch(
                units: first..<first + 2, shape: JobShape(items: 4, itemsPerUnit: 1), seed: 0, input: [7], inputEnds: [1, 1])
            batch.budgetSeconds = 0
            let result = cell.run(batch)
            if let failure = result.failure { return AttackVerdict(failure.outcome) }
            if first == 0 { finding = Array(result.bytes.prefix(result.resultEnds.first ?? 0)) }
        }
        return AttackVerdict(finding: finding)
    }
}
