/// Something that a module could try against the machine that runs it, with what must come of it.
///
/// The attempts themselves are in `Modules/hostile`; the table is ``AttackTable``.
public struct Attack: Hashable, Sendable {
    /// When a module can try something.
    public enum Moment: String, Hashable, Sendable, CaseIterable, Codable {
        /// In a unit, as any module's own code runs.
        case run
        /// While the library is loaded, before there is anything to answer.
        case constructor
        /// While the library is linked, before its own constructors.
        case resolver
    }

    /// What a part of the sandbox is called that can stop an attack.
    public enum Layer: String, Hashable, Sendable, CaseIterable, Codable {
        /// The system call filter.
        case filter
        /// Landlock.
        case landlock
        /// Namespaces with an empty root.
        case namespaces
        /// Resource limits, and no new code in memory.
        case limits
        /// An ordinary user without capabilities: the kernel refuses anyone like that, or has nothing to give.
        case rights
        /// What the agent gives a fresh process: four descriptors, three variables.
        case start
        /// The watchdog with its clocks.
        case watchdog
        /// The agent's doubts about what a cell says and how it ends.
        case checks
        /// The processor's page protection.
        case pages
    }

    /// The name of the entry in the hostile module.
    public var name: String
    /// What is tried, for a person.
    public var tries: String
    /// What must come of it, at every level.
    public var verdict: AttackVerdict
    /// What stops it, each alone; the first one is met first.
    public var layers: [Layer]
    /// When it is tried.
    public var moments: [Moment]
    /// Threads that the cell may have.
    var threads = 1
    /// Whether it would do harm, or break the exchange, without the layers that stop it: never tried with layers off.
    var isDestructive = false

    init(
        _ name: String, _ tries: String, _ verdict: AttackVerdict, by layers: [Layer], at moments: [Moment] = [.run], threads: Int = 1,
        isDestructive: Bool = false
    ) {
        self.name = name
        self.tries = tries
        self.verdict = verdict
        self.layers = layers
        self.moments = moments
        self.threads = threads
        self.isDestructive = isDestructive
    }
}
