import Glibc
import TalkootCore

/// Wakes one thread: a flag that stays raised until the thread has seen it.
final class WakeSignal: Sendable {
    private let descriptor: Int32

    init() throws(TalkootError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC.rawValue | EFD_NONBLOCK.rawValue))
        guard descriptor >= 0 else { throw .system("cannot make a wake-up descriptor for", path: "a thread") }
    }

    deinit { close(descriptor) }

    /// Raises the flag; any thread.
    func raise() {
        var one: UInt64 = 1
        // It fails only when 2^64 - 2 raises are unseen, and then the flag is up anyway.
        _ = write(descriptor, &one, 8)
    }

    /// Waits until the flag is raised or the time is over, and lowers it.
    func wait(seconds: Double) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = Int32((min(max(seconds, 0), 86_400) * 1_000).rounded(.up))
        guard poll(&entry, 1, milliseconds) > 0 else { return }
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
