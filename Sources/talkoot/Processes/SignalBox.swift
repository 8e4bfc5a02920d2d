import Synchronization
import UnixSignals

/// The first signal that came.
final class SignalBox: Sendable {
    private let state = Mutex<UnixSignal?>(nil)

    /// The signal, when one came.
    var signal: UnixSignal? { state.withLock { $0 } }

    /// Remembers the first signal.
    func set(_ signal: UnixSignal) { state.withLock { if $0 == nil { $0 = signal } } }
}
