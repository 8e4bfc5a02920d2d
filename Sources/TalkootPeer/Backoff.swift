/// How long to wait before dialling again: full jitter, so that many peers that lost the same tracker do not come back at once.
///
/// The n-th wait is uniform in 0 to min(``longestSeconds``, ``shortestSeconds`` * 2^n), but at least a tenth of the shortest.
public struct Backoff: Sendable {
    /// The first wait's upper bound, in seconds.
    public static let shortestSeconds = 1.0
    /// Every wait's upper bound, in seconds.
    public static let longestSeconds = 300.0

    private var attempts = 0

    /// Starts at the shortest wait.
    public init() {}

    /// The next wait, in seconds.
    public mutating func next(using generator: inout some RandomNumberGenerator) -> Double {
        let bound = min(Self.longestSeconds, Self.shortestSeconds * Double(1 << min(attempts, 20)))
        attempts += 1
        return max(Self.shortestSeconds / 10, Double.random(in: 0...bound, using: &generator))
    }

    /// Starts again at the shortest wait, after a session that held.
    public mutating func reset() { attempts = 0 }
}
