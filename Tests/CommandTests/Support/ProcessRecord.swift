import Foundation
import Synchronization

/// What is known of a process; every change wakes those who wait for one.
final class ProcessRecord: Sendable {
    struct State: Sendable {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var openStreams = 2
        var status: Int32?
        fileprivate var waiters: [UUID: CheckedContinuation<Void, Never>] = [:]
        fileprivate var changes = 0
    }

    let state = Mutex(State())

    func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            state.changes += 1
            defer { state.waiters = [:] }
            return state.waiters.values.map { $0 }
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until `value` gives something.
    func wait<Value: Sendable>(
        within seconds: Double, title: String, for what: String, _ value: (State) throws -> Value?
    ) async throws -> Value {
        let end = Date(timeIntervalSinceNow: seconds)
        while true {
            let now = state.withLock { $0 }
            if let found = try value(now) { return found }
            guard Date() < end else {
                let text = String(decoding: now.errors.suffix(2000), as: UTF8.self)
                throw Failure("\(title) did not reach \(what) in \(seconds) s: \(text)")
            }
            await nextChange(after: now.changes, until: end)
        }
    }

    private func nextChange(after changes: Int, until end: Date) async {
        let key = UUID()
        await withCheckedContinuation { continuation in
            let isLate = state.withLock { state in
                guard state.changes == changes else { return true }
                state.waiters[key] = continuation
                return false
            }
            if isLate { return continuation.resume() }
            DispatchQueue.global().asyncAfter(deadline: .now() + max(0, end.timeIntervalSinceNow)) { [weak self] in
                self?.state.withLock { $0.waiters.removeValue(forKey: key) }?.resume()
            }
        }
    }
}
