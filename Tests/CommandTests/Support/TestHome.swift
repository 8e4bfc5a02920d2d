import Foundation
import Glibc
import Synchronization
import TalkootTesting
import Testing

/// A fresh home with the sample modules, and the commands run in it; removed at the end.
final class TestHome: Sendable {
    /// The temporary directory: `home` is the home, the rest is for the test's files.
    let directory: String
    /// What the processes see.
    let environment: [String: String]

    init(withModules: Bool = true) async throws {
        var name = Array("/tmp/talkoot-test-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw Failure("no temporary directory") }
        directory = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        environment = [
            "TALKOOT_HOME": directory + "/home", "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "HOME": directory, "LC_ALL": "C", "SWIFT_BACKTRACE": "enable=no",
        ]
        try FileManager.default.createDirectory(atPath: directory + "/home", withIntermediateDirectories: true)
        if withModules {
            try FileManager.default.copyItem(atPath: try await SampleModules.packed(), toPath: directory + "/home/modules")
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// A path for a file of the test.
    func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// The built `talkoot`.
    func program() throws -> String { try BuiltProduct.path("talkoot") }

    /// Writes a file of the test and gives its path.
    func file(_ name: String, _ content: [UInt8]) throws -> String {
        try Data(content).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    /// Starts `talkoot` with these arguments.
    func start(_ arguments: String..., input: String? = "", variables: [String: String] = [:]) throws -> CommandProcess {
        try start(arguments, input: input, variables: variables)
    }

    /// Starts `talkoot` with these arguments.
    func start(_ arguments: [String], input: String? = "", variables: [String: String] = [:]) throws -> CommandProcess {
        try CommandProcess(
            try BuiltProduct.path("talkoot"), arguments, environment: environment.merging(variables) { $1 }, directory: directory,
            input: input)
    }

    /// Runs `talkoot` to its end, which must be a good one, and gives what it printed.
    @discardableResult
    func run(_ arguments: String..., input: String = "", within seconds: Double = 60) async throws -> [UInt8] {
        try await run(arguments, input: input, within: seconds)
    }

    /// Runs `talkoot` to its end, which must be a good one, and gives what it printed.
    @discardableResult
    func run(_ arguments: [String], input: String = "", within seconds: Double = 60) async throws -> [UInt8] {
        let process = try start(arguments, input: input)
        let status = try await process.finish(within: seconds)
        guard status == 0 else { throw Failure("\(process.title) ended with \(status): \(process.errors)") }
        return process.outputBytes
    }

    /// Runs `talkoot`, which must fail: its status and its last line of standard error.
    func fail(_ arguments: String..., input: String = "", variables: [String: String] = [:]) async throws -> (
        status: Int32, message: String
    ) {
        let process = try start(arguments, input: input, variables: variables)
        let status = try await process.finish()
        let lines = process.errors.split(separator: "\n")
        return (status, lines.last.map(String.init) ?? "")
    }
}

/// The sample modules, packed once for all tests of this run.
enum SampleModules {
    private static let packing = Task { try await pack() }

    private static let names = [
        "primes", "mandelbrot", "wordcount", "nqueens", "lucas-lehmer", "montecarlo", "zstd", "grep", "align", "matmul",
    ]

    /// A directory with the packages.
    static func packed() async throws -> String { try await packing.value }

    /// The source tree.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    private static func pack() async throws -> String {
        var name = Array("/tmp/talkoot-modules-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw Failure("no temporary directory") }
        let directory = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        removeAtExit(directory)
        let environment = ProcessInfo.processInfo.environment.merging(["TALKOOT_SDK": root]) { $1 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for module in names {
                let process = try CommandProcess(
                    try BuiltProduct.path("talkoot"), ["module", "pack", "\(root)/Modules/\(module)", "--unsigned", "--output", directory],
                    environment: environment)
                group.addTask {
                    let status = try await process.finish(within: 300)
                    guard status == 0 else { throw Failure("\(process.title) ended with \(status): \(process.errors)") }
                }
            }
            try await group.waitForAll()
        }
        chmod(directory, 0o755)
        return directory
    }

    /// Removes the directory when the test process ends.
    static func removeAtExit(_ directory: String) {
        doomed.withLock { $0.append(directory) }
        atexit {
            for directory in doomed.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: directory) }
        }
    }
}

private let doomed = Mutex<[String]>([])

/// All tests of the command line, one after the other: each starts several processes that want the whole machine.
@Suite(.serialized) struct CommandTests {}
