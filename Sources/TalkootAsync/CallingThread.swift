#if hasFeature(Embedded)
    /// Runs the jobs of the executor that Embedded Swift has instead of a pool of threads, until there are none or `isOver`.
    /// Source: stdlib/public/Concurrency/CooperativeGlobalExecutor.cpp.
    @_silgen_name("swift_task_donateThreadToGlobalExecutorUntil")
    private func donateThread(
        _ isOver: @convention(c) (UnsafeMutableRawPointer?) -> Bool, _ context: UnsafeMutableRawPointer?)

    /// The thread that the host called, which runs every task: a cell has no other.
    enum CallingThread {
        /// Runs a task and all that it starts, until nothing is left to run.
        static func drain(_ body: @escaping @Sendable () async -> Void) {
            Task { await body() }
            donateThread({ _ in false }, nil)
        }
    }
#else
    import Synchronization

    /// The thread that the host called, which runs every task: a cell has no other.
    final class CallingThread: TaskExecutor {
        private let jobs = Mutex<[UnownedJob]>([])

        /// Runs a task and its children, until nothing is left to run.
        static func drain(_ body: @escaping @Sendable () async -> Void) {
            let thread = CallingThread()
            Task(executorPreference: thread) { await body() }
            while let job = thread.next() { job.runSynchronously(on: thread.asUnownedTaskExecutor()) }
        }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            jobs.withLock { $0.append(job) }
        }

        private func next() -> UnownedJob? { jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    }
#endif
