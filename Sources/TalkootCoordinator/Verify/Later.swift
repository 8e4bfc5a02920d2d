import Synchronization

/// The coordinator, for those who are made before it and outlive it at most by a callback.
final class Later: Sendable {
    private struct Reference: Sendable {
        weak var coordinator: Coordinator?
    }

    private let reference = Mutex(Reference())

    /// The coordinator, while there is one.
    var coordinator: Coordinator? { reference.withLock { $0.coordinator } }

    /// It is there.
    func set(_ coordinator: Coordinator) { reference.withLock { $0.coordinator = coordinator } }
}
