import Foundation
import TalkootCore

/// Work that blocks, on a thread of its own: the pool of tasks has a thread a processor and serves everything else meanwhile.
enum OwnThread {
    /// Runs `body` on a new thread and waits for it without blocking.
    ///
    /// - Throws: what `body` throws.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws(TalkootError) -> Value) async throws(TalkootError) -> Value {
        let result: Result<Value, TalkootError> = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: Result { () throws(TalkootError) in try body() })
            }
        }
        return try result.get()
    }
}
