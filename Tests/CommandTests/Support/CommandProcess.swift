import Foundation
import Glibc
import Synchronization

/// A process of the built `talkoot` (or another program), with its two outputs gathered line by line.
final class CommandProcess: Sendable {
    /// The process.
    let id: pid_t
    /// What was run, for failure messages.
    let title: String
    private let record = ProcessRecord()
    private let input: Int32

    /// Starts a program. `input` is what it reads on standard input; `nil` keeps that open for ``write(_:)``.
    init(_ program: String, _ arguments: [String], environment: [String: String], directory: String? = nil, input: String? = "") throws {
        let command = directory.map { ["env", "-C", $0, program] + arguments } ?? [program] + arguments
        title = ([program.split(separator: "/").last.map(String.init) ?? program] + arguments).joined(separator: " ")
        let (outputReading, outputWriting) = try Self.pipe()
        let (errorsReading, errorsWriting) = try Self.pipe()
        let (inputReading, inputWriting) = try Self.pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, inputReading, 0)
        posix_spawn_file_actions_adddup2(&actions, outputWriting, 1)
        posix_spawn_file_actions_adddup2(&actions, errorsWriting, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var argv: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var id = pid_t()
        let code = posix_spawnp(&id, command[0], &actions, &attributes, &argv, &envp)
        for descriptor in [inputReading, outputWriting, errorsWriting] { close(descriptor) }
        guard code == 0 else { throw Failure("cannot start \(title): \(String(cString: strerror(code)))") }
        self.id = id
        self.input = inputWriting
        _ = fcntl(inputWriting, F_SETFD, FD_CLOEXEC)
        if let input {
            write(input)
            close(inputWriting)
        }
        gather(outputReading, into: \.output)
        gather(errorsReading, into: \.errors)
        reap()
    }

    deinit {
        if status == nil { kill(id, SIGKILL) }
    }

    /// The exit status, 128 + the signal for a death by one; `nil` while it runs.
    var status: Int32? { record.state.withLock { $0.status } }
    /// Standard output so far.
    var output: String { String(decoding: outputBytes, as: UTF8.self) }
    /// Standard output so far, as bytes.
    var outputBytes: [UInt8] { record.state.withLock { $0.output } }
    /// Standard error so far.
    var errors: String { record.state.withLock { String(decoding: $0.errors, as: UTF8.self) } }

    /// Sends a signal, unless it has ended.
    func send(_ signal: Int32) {
        if status == nil { kill(id, signal) }
    }

    /// Writes to standard input.
    func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Closes standard input.
    func closeInput() { close(input) }

    /// Waits for the end.
    func finish(within seconds: Double = 60) async throws -> Int32 {
        try await record.wait(within: seconds, title: title, for: "its end") { $0.openStreams == 0 ? $0.status : nil }
    }

    /// Waits until a stream has a whole line that `isWanted`, and gives it.
    @discardableResult
    func line(
        on stream: any KeyPath<ProcessRecord.State, [UInt8]> & Sendable = \.output, within seconds: Double = 60,
        where isWanted: @escaping @Sendable (Substring) -> Bool
    ) async throws -> String {
        let title = title
        return try await record.wait(within: seconds, title: title, for: "a line") { state in
            let text = String(decoding: state[keyPath: stream], as: UTF8.self)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if let line = lines.first(where: isWanted) { return String(line) }
            guard state.openStreams > 0 || state.status == nil else { throw Failure("\(title) ended: \(text)") }
            return nil
        }
    }

    /// Waits until standard output contains the text.
    func output(containing text: String, within seconds: Double = 60) async throws {
        _ = try await record.wait(within: seconds, title: title, for: text) { state in
            String(decoding: state.output, as: UTF8.self).contains(text) ? true : nil
        }
    }

    private func gather(_ descriptor: Int32, into stream: any WritableKeyPath<ProcessRecord.State, [UInt8]> & Sendable) {
        let record = record
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                let part = buffer[..<max(count, 0)]
                record.change { if part.isEmpty { $0.openStreams -= 1 } else { $0[keyPath: stream] += part } }
                if count <= 0 { break }
            }
            close(descriptor)
        }
    }

    private func reap() {
        let (record, id) = (record, id)
        Thread.detachNewThread {
            var raw: Int32 = 0
            while waitpid(id, &raw, 0) < 0, errno == EINTR {}
            let status = raw & 0x7f == 0 ? raw >> 8 & 0xff : 128 + raw & 0x7f
            record.change { $0.status = status }
        }
    }

    private static func pipe() throws -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else { throw Failure("no sockets") }
        return (ends[0], ends[1])
    }
}

/// What went wrong in a test's own machinery.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
