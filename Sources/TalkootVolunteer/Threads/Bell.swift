import Glibc
import Synchronization
import TalkootCore

/// Wakes one waiting thread. Rings are not counted: after waking, the thread looks at everything it waits for.
final class Bell: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32
    /// Whether a ring was not heard yet; then there is one byte in the pipe.
    private let isRung = Mutex(false)

    /// A silent bell; it holds two file descriptors.
    ///
    /// - Throws: ``TalkootError`` `try-later` when no descriptor is left.
    init() throws(TalkootError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw TalkootError(.tryLater, "no file descriptor is left: \(String(cString: strerror(errno)))", remedy: "raise `ulimit -n`")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Rings; any thread.
    func ring() {
        isRung.withLock { isRung in
            guard !isRung else { return }
            isRung = true
            var byte: UInt8 = 1
            _ = write(writeEnd, &byte, 1)
        }
    }

    /// Waits for a ring, at most `seconds`.
    ///
    /// - Returns: whether it rang.
    @discardableResult
    func wait(seconds: Double) -> Bool {
        var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, Int32(min(max(seconds, 0), 86_400) * 1_000)) > 0 else { return false }
        isRung.withLock { isRung in
            guard isRung else { return }
            isRung = false
            var byte: UInt8 = 0
            _ = read(readEnd, &byte, 1)
        }
        return true
    }
}
