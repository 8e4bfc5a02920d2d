import Foundation
import Glibc
import Synchronization
import TalkootCore

/// The temporary home and the processes of a demonstration; all of it is gone afterwards.
final class DemoStage: Sendable {
    /// The directory that holds each process's home and log.
    let directory: String
    private let lifeline: (reading: Int32, writing: Int32)
    private let children = Mutex<[(name: String, process: ChildProcess)]>([])

    /// Makes the directory, under `$TMPDIR` or `/tmp`.
    ///
    /// - Throws: ``TalkootError`` `cannotCreate`.
    init() throws(TalkootError) {
        let pattern = (Screen.environment("TMPDIR") ?? "/tmp") + "/talkoot-demo-XXXXXX"
        var name = Array(pattern.utf8CString)
        guard mkdtemp(&name) != nil else { throw FileFault.creating(pattern) }
        directory = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw FileFault.creating("a pair of sockets")
        }
        lifeline = (ends[0], ends[1])
    }

    /// The home of one of the processes.
    func home(_ name: String) -> String { "\(directory)/\(name)" }

    /// What a process printed on standard output so far.
    func output(_ name: String) -> String {
        (try? FileBytes.read("\(directory)/\(name).out", limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Starts this program with the arguments and the home of that name.
    ///
    /// - Throws: ``TalkootError`` `cannotCreate`.
    func start(_ name: String, _ arguments: [String], home: String? = nil, isWatched: Bool = false) throws(TalkootError) -> ChildProcess {
        let process = try ChildProcess(
            arguments + ["--home", self.home(home ?? name)], output: "\(directory)/\(name).out",
            errors: isWatched ? nil : "\(directory)/\(name).log", lifeline: lifeline.reading)
        children.withLock { $0.append((name, process)) }
        return process
    }

    /// Runs this program to its end.
    ///
    /// - Throws: ``TalkootError`` `jobFailed` with the last line of its log when it fails or takes longer than `timeout`.
    func perform(_ name: String, _ arguments: [String], home: String? = nil, isWatched: Bool = false, timeout: Duration)
        async throws(TalkootError)
    {
        let process = try start(name, arguments, home: home, isWatched: isWatched)
        let status = await process.wait(timeout: timeout)
        try checkCancellation()
        guard status == 0 else {
            throw failure("talkoot \(arguments[0]) \(status.map { "ended with status \($0)" } ?? "took longer than \(timeout)")", log: name)
        }
    }

    /// Waits until `condition` gives a value.
    ///
    /// - Throws: ``TalkootError`` `jobFailed` when a process that should run has ended, or after `timeout`.
    func wait<Value: Sendable>(
        for what: String, timeout: Duration, _ condition: () async throws(TalkootError) -> Value?
    ) async throws(TalkootError) -> Value {
        let end = ContinuousClock.now + timeout
        while true {
            if let value = try await condition() { return value }
            if let dead = children.withLock({ $0 }).first(where: { ($0.process.poll() ?? 0) != 0 }) {
                throw failure("the \(dead.name) ended with status \(dead.process.poll() ?? 0)", log: dead.name)
            }
            guard ContinuousClock.now < end else { throw TalkootError(.jobFailed, "\(what) did not come in \(timeout)") }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { try checkCancellation() }
        }
    }

    /// Ends every process, the latest first, and removes the directory.
    func clear() async {
        let processes = children.withLock { children in
            defer { children = [] }
            return children.map(\.process)
        }
        for process in processes { process.send(SIGTERM) }
        await withTaskGroup { group in
            for process in processes { group.addTask { await process.stop() } }
        }
        close(lifeline.reading)
        close(lifeline.writing)
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            StandardStream.note("talkoot: \(directory) could not be removed: \(error)")
        }
    }

    private func failure(_ message: String, log name: String) -> TalkootError {
        let log = (try? FileBytes.read("\(directory)/\(name).log", limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        var last = log.split(separator: "\n").last ?? ""
        if last.hasPrefix("talkoot: ") { last = last.dropFirst("talkoot: ".count) }
        return TalkootError(.jobFailed, last.isEmpty ? message : "\(message): \(last)")
    }

    private func checkCancellation() throws(TalkootError) {
        if Task.isCancelled { throw TalkootError(.interrupted, "interrupted") }
    }
}
