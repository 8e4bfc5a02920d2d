import Synchronization
import TalkootCore

/// How a job ends, once: who waits for it learns the first result.
final class JobEnding: Sendable {
    private struct State {
        var result: Result<JobOutput, TalkootError>?
        var waiter: CheckedContinuation<Result<JobOutput, TalkootError>, Never>?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Whether the requester gave the job up.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// What volunteers are told.
    var farewell: String {
        state.withLock { state in
            switch state.result {
            case .success: "done"
            case .failure where state.isCancelled: "cancelled"
            case .failure(let error): error.message
            case nil: "interrupted"
            }
        }
    }

    /// Ends the job; only the first call counts.
    func end(_ result: Result<JobOutput, TalkootError>) { end(result, isCancelled: false) }

    /// Ends the job for good, unless it is over.
    func cancel(_ error: TalkootError) { end(.failure(error), isCancelled: true) }

    /// The result, once there is one. For one waiter.
    func wait() async -> Result<JobOutput, TalkootError> {
        await withCheckedContinuation { continuation in
            let result = state.withLock { state in
                if state.result == nil { state.waiter = continuation }
                return state.result
            }
            if let result { continuation.resume(returning: result) }
        }
    }

    private func end(_ result: Result<JobOutput, TalkootError>, isCancelled: Bool) {
        let waiter = state.withLock { state -> CheckedContinuation<Result<JobOutput, TalkootError>, Never>? in
            guard state.result == nil else { return nil }
            state.result = result
            state.isCancelled = isCancelled
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: result)
    }
}
