import NIOPosix
import Synchronization
import TalkootCore

/// Derives password hashes away from the event loops: few at once, a bounded queue, and then "busy".
final class PasswordPool: Sendable {
    private let cost: PasswordCost
    private let pool: NIOThreadPool
    private let queued = Mutex(0)
    /// What an unknown name's password is compared with, so that it takes as long as a known one's.
    private let decoy: PasswordHash

    /// Starts the threads.
    ///
    /// - Throws: `.inputOutput` when a hash of that cost cannot be made.
    init(cost: PasswordCost) throws(TalkootError) {
        self.cost = cost
        decoy = try PasswordHash("", salt: Self.salt(), cost: cost)
        pool = NIOThreadPool(numberOfThreads: TrackerLimits.derivationsAtOnce)
        pool.start()
    }

    /// The hash of a new password.
    ///
    /// - Throws: `.tryLater` when too many wait, `.inputOutput` when the memory cannot be had.
    func hash(_ password: String) async throws(TalkootError) -> PasswordHash {
        let cost = cost
        return try await run { () throws(TalkootError) in try PasswordHash(password, salt: Self.salt(), cost: cost) }
    }

    /// Whether the password belongs to the hash; with `nil`, the same work for a no.
    ///
    /// - Throws: as ``hash(_:)``.
    func matches(_ password: String, _ hash: PasswordHash?) async throws(TalkootError) -> Bool {
        let compared = hash ?? decoy
        let isRight = try await run { () throws(TalkootError) in try compared.matches(password) }
        return isRight && hash != nil
    }

    /// Whether a hash was made with another cost than new ones.
    func isOutdated(_ hash: PasswordHash) -> Bool { hash.cost != cost }

    /// Ends the threads.
    func stop() async { try? await pool.shutdownGracefully() }

    private func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(TalkootError) -> Value
    ) async throws(TalkootError) -> Value {
        let hasRoom = queued.withLock { count in
            guard count < TrackerLimits.derivationsAtOnce + TrackerLimits.derivationsQueued else { return false }
            count += 1
            return true
        }
        guard hasRoom else { throw TalkootError(.tryLater, "busy: too many log in at the moment", remedy: "try again in a few seconds") }
        defer { queued.withLock { $0 -= 1 } }
        return try await pool.run(work)
    }

    private static func salt() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}

extension NIOThreadPool {
    /// Runs blocking work on one of the threads.
    ///
    /// - Throws: what the work throws; `.interrupted` when the pool has ended.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws(TalkootError) -> Value) async throws(TalkootError) -> Value {
        let outcome: Result<Value, TalkootError>
        do {
            outcome = try await runIfActive {
                do throws(TalkootError) {
                    return .success(try work())
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw TalkootError(.interrupted, "the tracker is stopping")
        }
        return try outcome.get()
    }
}
