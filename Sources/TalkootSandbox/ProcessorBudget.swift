/// Decides when a cell has used its part of the processors' time, where the kernel does not. Pure; times in seconds.
struct ProcessorBudget: Sendable {
    /// How often it is to be asked. Also the most time that is saved up.
    static let tickSeconds = 0.01

    /// How many processors' time may be used: 0.5 is half of one.
    let processors: Double
    private var balance = 0.0
    private var last: (now: Double, used: Double)

    init(processors: Double, at now: Double, used: Double) {
        self.processors = processors
        last = (now, used)
    }

    /// Whether the cell may run until the next tick; `used` is its processor time so far.
    mutating func mayRun(at now: Double, used: Double) -> Bool {
        balance += (now - last.now) * processors - (used - last.used)
        balance = min(balance, Self.tickSeconds * processors)
        last = (now, used)
        return balance >= 0
    }
}
