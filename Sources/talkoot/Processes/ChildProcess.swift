import Glibc
import Synchronization
import TalkootCore

/// Another run of this same program, as `talkoot demo` starts them: it ends when this process ends.
final class ChildProcess: Sendable {
    /// The process.
    let id: pid_t
    private let status = Mutex<Int32?>(nil)

    /// Starts this program with the arguments. It shares no terminal group with this process: Ctrl-C reaches this process alone.
    ///
    /// - Parameters:
    ///   - output: the file for standard output.
    ///   - errors: the file for standard error; `nil` lets it go where this process's goes.
    ///   - lifeline: the reading end of a pipe whose other end stays open as long as this process lives.
    /// - Throws: ``TalkootError`` `cannotCreate` when it cannot be started or a file cannot be made.
    init(_ arguments: [String], output: String, errors: String?, lifeline: Int32) throws(TalkootError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        if let errors { posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600) }
        posix_spawn_file_actions_adddup2(&actions, lifeline, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        ChildProcess.resetSignals(&attributes)
        var argumentPointers: [UnsafeMutablePointer<CChar>?] = (["talkoot"] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = ChildProcess.environment().map { strdup($0) } + [nil]
        defer { for pointer in argumentPointers + variables { free(pointer) } }
        var id = pid_t()
        let code = posix_spawn(&id, "/proc/self/exe", &actions, &attributes, &argumentPointers, &variables)
        guard code == 0 else {
            throw TalkootError(.cannotCreate, "cannot start talkoot \(arguments.first ?? ""): \(SystemText.reason(code))")
        }
        self.id = id
    }

    /// Sends a signal, unless it has ended.
    func send(_ signal: Int32) {
        if poll() == nil { kill(id, signal) }
    }

    /// Its exit status (128 + the signal for a death by one), or `nil` while it runs. Never blocks.
    func poll() -> Int32? {
        status.withLock { status in
            if let status { return status }
            var raw: Int32 = 0
            guard waitpid(id, &raw, WNOHANG) == id else { return nil }
            status = raw & 0x7f == 0 ? raw >> 8 & 0xff : 128 + raw & 0x7f
            return status
        }
    }

    /// Waits for its end.
    ///
    /// - Returns: the exit status, or `nil` when it still runs after `timeout`.
    func wait(timeout: Duration) async -> Int32? {
        let end = ContinuousClock.now + timeout
        while true {
            if let status = poll() { return status }
            guard ContinuousClock.now < end else { return nil }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return poll() }
        }
    }

    /// Asks it to end, then makes it end.
    func stop(timeout: Duration = .seconds(3)) async {
        send(SIGTERM)
        if await wait(timeout: timeout) == nil {
            send(SIGKILL)
            _ = await wait(timeout: .seconds(2))
        }
    }

    /// The child starts with every signal as the system delivers it by default, in its own group: Ctrl-C reaches this process alone.
    private static func resetSignals(_ attributes: inout posix_spawnattr_t) {
        var all = sigset_t()
        sigfillset(&all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
    }

    /// This process's environment without Talkoot's own settings, with the lifeline.
    private static func environment() -> [String] {
        var variables: [String] = []
        var pointer = environ
        while let entry = pointer.pointee {
            let text = String(cString: entry)
            if !text.hasPrefix("TALKOOT_") || text.hasPrefix("TALKOOT_CELL=") { variables.append(text) }
            pointer += 1
        }
        return variables + ["\(Lifeline.variable)=3"]
    }
}
