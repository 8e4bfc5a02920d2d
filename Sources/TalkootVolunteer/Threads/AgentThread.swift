import Glibc
import TalkootCore

/// A thread of its own for work that blocks: a slot's cells, a download, files.
enum AgentThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a detached thread that runs `body` once.
    ///
    /// - Throws: ``TalkootError`` `try-later` when the system refuses another thread.
    static func start(_ body: @escaping @Sendable () -> Void) throws(TalkootError) {
        let box = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw TalkootError(.tryLater, "no thread can be started: \(String(cString: strerror(status)))", remedy: "use fewer slots")
        }
        pthread_detach(thread)
    }
}
