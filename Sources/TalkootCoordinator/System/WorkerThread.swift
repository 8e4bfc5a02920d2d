import Glibc
import TalkootCore

/// A thread of its own for work that blocks: a slot's cell, the merge, the input file.
enum WorkerThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a detached thread that runs `body` once.
    ///
    /// - Throws: ``TalkootError`` `try-later` when the kernel refuses another thread.
    static func start(_ body: @escaping @Sendable () -> Void) throws(TalkootError) {
        let box = Unmanaged.passRetained(Body(body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw TalkootError(.tryLater, "cannot start a thread: \(String(cString: strerror(status)))", remedy: "use fewer slots")
        }
    }
}
