import TalkootCore
import UnixSignals

/// Ctrl-C, SIGTERM and SIGHUP as a value.
enum Interruption {
    /// The signals that ask a process to end.
    static let signals: [UnixSignal] = [.sigint, .sigterm, .sighup]

    /// Waits for a signal.
    static func wait() async {
        for await _ in await UnixSignalsSequence(trapping: signals) { return }
    }

    /// Runs `work` and, when a signal comes first, `stop`, after which `work` is awaited. A second signal ends the process at once.
    ///
    /// - Returns: what `work` returned, and the signal if one came.
    /// - Throws: what `work` throws.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value, stop: @escaping @Sendable (UnixSignal) async -> Void
    ) async throws -> (value: Value, signal: UnixSignal?) {
        let received = SignalBox()
        let trapped = await UnixSignalsSequence(trapping: signals)
        let watcher = Task {
            var count = 0
            for await signal in trapped {
                count += 1
                if count > 1 { StandardStream.exit(status: 128 + signal.rawValue) }
                received.set(signal)
                Task { await stop(signal) }
            }
        }
        defer { watcher.cancel() }
        return (try await work(), received.signal)
    }
}
