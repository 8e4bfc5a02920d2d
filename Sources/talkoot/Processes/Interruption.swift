import TalkootCore
import UnixSignals

/// Ctrl-C, SIGTERM and SIGHUP as a value. They are caught from its making on; one that comes early is not lost.
struct Interruption: Sendable {
    /// The signals that ask a process to end.
    static let signals: [UnixSignal] = [.sigint, .sigterm, .sighup]

    private let trapped: UnixSignalsSequence

    /// Catches the signals. One at a time: a process has one handler for each.
    init() async { trapped = await UnixSignalsSequence(trapping: Self.signals) }

    /// Waits for a signal.
    func wait() async {
        for await _ in trapped { return }
    }

    /// Runs `work` and, when a signal comes first, `stop`, after which `work` is awaited. A second signal ends the process at once.
    ///
    /// - Returns: what `work` returned.
    /// - Throws: what `work` throws.
    func run<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value, stop: @escaping @Sendable () async -> Void
    ) async throws -> Value {
        let trapped = trapped
        let watcher = Task {
            var count = 0
            for await signal in trapped {
                count += 1
                if count > 1 { StandardStream.exit(status: 128 + signal.rawValue) }
                Task { await stop() }
            }
        }
        defer { watcher.cancel() }
        return try await work()
    }
}
