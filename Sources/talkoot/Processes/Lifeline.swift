import Glibc
import TalkootCore

/// A pipe from a parent process: when the parent ends, however it ends, this process is asked to end as well.
///
/// The parent puts the number of the inherited reading end into `TALKOOT_LIFELINE` and never writes to the other end.
enum Lifeline {
    /// The variable with the number of the descriptor.
    static let variable = "TALKOOT_LIFELINE"

    /// Watches the pipe when this process was given one: its end raises SIGTERM.
    static func attach() {
        guard let text = Screen.environment(variable), let descriptor = Int32(text), fcntl(descriptor, F_GETFD) >= 0 else { return }
        unsetenv(variable)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var thread = pthread_t()
        let argument = UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1)
        pthread_create(
            &thread, nil,
            { argument in
                let descriptor = Int32(Int(bitPattern: argument) - 1)
                var byte: UInt8 = 0
                while true {
                    let count = read(descriptor, &byte, 1)
                    if count == 0 || count < 0 && errno != EINTR { break }
                }
                kill(getpid(), SIGTERM)
                return nil
            }, argument)
    }
}
