/// The time that counts against a call to a cell. Pure; times in seconds.
///
/// Time does not count while the cell is held, nor while this program itself was stopped: a look that comes much later than it
/// was due says that nobody was watching, and the cell gets time to give its answer before it is judged.
struct WatchdogClock: Sendable {
    /// The most that may lie between two looks.
    let strideSeconds: Double
    private var last: (now: Double, held: Double)?
    private(set) var counted = 0.0

    /// Looks are due every `patienceSeconds`; on a busy machine they come later.
    init(patienceSeconds: Double) { strideSeconds = max(8 * patienceSeconds, 0.25) }

    /// Looks at the clock.
    ///
    /// - Parameter held: for how long the cell was held in all.
    /// - Returns: whether the watch was kept: false after a gap, when nothing can be judged.
    mutating func look(at now: Double, held: Double) -> Bool {
        defer { last = (now, held) }
        guard let last else { return true }
        let passed = max(0, now - last.now - (held - last.held))
        counted += min(passed, strideSeconds)
        return passed <= strideSeconds
    }
}
