import Glibc
import TalkootCore

/// Runs a compiler and keeps what it says.
enum Compiler {
    /// The program's full path, looked up in `PATH` unless it has a `/`; `nil` when there is none.
    static func find(_ program: String) -> String? {
        if program.contains("/") { return access(program, X_OK) == 0 ? program : nil }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        let places = path.split(separator: ":").map { "\($0)/\(program)" }
        return places.first { access($0, X_OK) == 0 && Files.isFile($0) }
    }

    /// Runs `command`, whose first word is a path, with nothing to read and its words collected.
    ///
    /// - Returns: the end of what it said: warnings, or nothing.
    /// - Throws: ``TalkootError`` `badData` with the end of what the compiler said when it fails, `notFound` when it does not start.
    static func run(_ command: [String], remedy: String) throws(TalkootError) -> String {
        var ends: [Int32] = [0, 0]
        // A socket pair, since pipe2(), which sets close-on-exec at once, is not visible to Swift.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw TalkootError(.inputOutput, "no channel to \(command[0]): \(String(cString: strerror(errno)))")
        }
        defer { close(ends[0]) }
        let started = start(command, output: ends[1])
        close(ends[1])
        guard case .success(let process) = started else {
            throw TalkootError(.notFound, "\(command[0]) does not start", remedy: remedy)
        }
        let words = collect(ends[0], process: process)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard let words else {
            throw TalkootError(.inputOutput, "\(command[0]) ran longer than \(PackageLimits.compilerSeconds) s and was stopped")
        }
        guard status == 0 else {
            // Its own lines are what a person needs; they stay lines.
            throw TalkootError(.badData, "\(Files.name(of: command[0])) failed:\n\(words)", remedy: remedy)
        }
        return words
    }

    private struct NotStarted: Error {}

    private static func start(_ command: [String], output: Int32) -> Result<pid_t, NotStarted> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process: pid_t = 0
        let status = posix_spawn(&process, command[0], &actions, nil, &arguments, environ)
        return status == 0 ? .success(process) : .failure(NotStarted())
    }

    /// Reads until the compiler closes its output; keeps the last part. Kills it and gives `nil` when it takes too long.
    private static func collect(_ descriptor: Int32, process: pid_t) -> String? {
        var words: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let deadline = now() + PackageLimits.compilerSeconds
        while true {
            var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = deadline - now()
            guard left > 0 else {
                kill(process, SIGKILL)
                return nil
            }
            if poll(&waited, 1, Int32(left * 1000)) <= 0 { continue }
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return String(decoding: words.suffix(PackageLimits.compilerOutputBytes), as: UTF8.self) }
            words += buffer[..<count]
            if words.count > 2 * PackageLimits.compilerOutputBytes { words.removeFirst(words.count - PackageLimits.compilerOutputBytes) }
        }
    }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec
    }
}
