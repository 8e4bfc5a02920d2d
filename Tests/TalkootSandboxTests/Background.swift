import Foundation
import Synchronization

/// A blocking call on a thread of its own, which runs at once: the threads of Swift's tasks may all be busy with tests that wait.
final class Background<Value: Sendable>: Sendable {
    private let result = Mutex<Value?>(nil)
    private let isDone = DispatchSemaphore(value: 0)

    init(_ work: @escaping @Sendable () -> Value) {
        Thread.detachNewThread {
            let value = work()
            self.result.withLock { $0 = value }
            self.isDone.signal()
        }
    }

    /// What the call returned; waits for it. To be asked once.
    var value: Value? {
        isDone.wait()
        return result.withLock { $0 }
    }
}
