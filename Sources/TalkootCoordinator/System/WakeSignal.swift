import Glibc
import TalkootCore

/// Wakes one thread: a flag that stays raised until the thread has seen it.
final class WakeSignal: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    init() throws(TalkootError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw TalkootError(
                .tryLater, "cannot open another file: \(String(cString: strerror(errno)).lowercased())", remedy: "raise ulimit -n")
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Raises the flag; any thread.
    func raise() {
        var byte: UInt8 = 1
        // It fails only when 64 KiB of raises are unseen, and then the flag is up anyway.
        _ = write(writeEnd, &byte, 1)
    }

    /// Waits until the flag is raised or the time is over, and lowers it.
    func wait(seconds: Double) {
        var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        let milliseconds = Int32((min(max(seconds, 0), 86_400) * 1_000).rounded(.up))
        guard poll(&entry, 1, milliseconds) > 0 else { return }
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            _ = read(readEnd, buffer.baseAddress, buffer.count)
        }
    }
}
