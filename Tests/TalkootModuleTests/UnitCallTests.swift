import CTalkoot
import Glibc
import Synchronization
import Testing

@testable import TalkootAsync

/// The draining of tasks in ordinary Swift; modules in cells show it in Embedded Swift.
@Suite struct UnitCallTests {
    private final class Counts: Sendable {
        let strangers = Atomic<Int>(0)
        let done = Atomic<Int>(0)
    }

    @Test("Children run on the thread that was called, in turns, and are over when the call is")
    func draining() {
        let caller = pthread_self()
        let counts = Counts()
        CallingThread.drain {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        for _ in 0..<3 {
                            if pthread_equal(pthread_self(), caller) == 0 { counts.strangers.add(1, ordering: .relaxed) }
                            await Task.yield()
                        }
                        counts.done.add(1, ordering: .relaxed)
                    }
                }
            }
        }
        #expect(counts.done.load(ordering: .relaxed) == 100)
        #expect(counts.strangers.load(ordering: .relaxed) == 0)
    }
}
