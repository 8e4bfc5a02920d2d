import Foundation
import Glibc
import Logging
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootStore

@testable import TalkootTracker

/// A directory of a test's own, removed with it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/talkoot-tracker-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

/// A clock that stands still until it is moved.
final class ManualClock: TrackerClock {
    private let seconds = Mutex(1000.0)

    var now: Tick { .seconds(seconds.withLock { $0 }) }
    var unixSeconds: Int64 { 1_700_000_000 + Int64(seconds.withLock { $0 }) }

    func advance(_ by: Double) { seconds.withLock { $0 += by } }
}

/// A tracker on loopback with cheap passwords.
final class RunningTracker: Sendable {
    let service: TrackerService
    let store: TrackerDatabase
    let clock = ManualClock()
    let network: PeerNetwork
    let port: Int

    init(directory: String, host: String = "127.0.0.1") async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        try FileManager.default.createDirectory(atPath: directory + "-identity", withIntermediateDirectories: true)
        network = PeerNetwork(identity: try PeerIdentity.loadOrCreate(directory: directory + "-identity"), logger: logger)
        store = try TrackerDatabase(directory: directory)
        let configuration = TrackerConfiguration(host: host, port: 0, passwordCost: PasswordCost(logRounds: 4))
        service = try TrackerService(configuration: configuration, network: network, store: store, clock: clock, logger: logger)
        port = try await service.start()
    }

    var endpoint: PeerEndpoint { PeerEndpoint(host: "127.0.0.1", port: port) }

    func stop() async {
        await service.stop()
        await network.shutdown()
    }
}

/// Runs a tracker for the length of `body`.
func withTracker(_ directory: String, host: String = "127.0.0.1", _ body: (RunningTracker) async throws -> Void) async throws {
    let tracker = try await RunningTracker(directory: directory, host: host)
    do {
        try await body(tracker)
    } catch {
        await tracker.stop()
        throw error
    }
    await tracker.stop()
}

/// Runs blocking work on a thread of its own, so that the few threads of tasks stay free.
func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try work() }) }.start()
    }
}

/// Runs a program with this input and gives what it printed.
func run(_ program: String, _ arguments: [String], input: String = "") async throws -> String {
    try await blocking {
        let (process, output, stdin) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardOutput = output
        process.standardInput = stdin
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}

/// Whether a program is installed.
func has(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
}

/// An IPv4 address of this machine other than loopback.
func ownAddress() -> String? {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return nil }
    defer { freeifaddrs(first) }
    for entry in sequence(first: first, next: { $0?.pointee.ifa_next }).compactMap({ $0?.pointee }) {
        guard let address = entry.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET) else { continue }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard getnameinfo(address, size, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else { continue }
        let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if !name.hasPrefix("127.") { return name }
    }
    return nil
}

/// A module that does nothing, packed.
enum SamplePackage {
    static func make(_ scratch: Scratch, name: String = "trivial", version: String = "1.0.0") async throws -> ModulePackage {
        let directory = scratch("module-\(name)-\(version)")
        let library = "\(directory)/lib/\(HostPlatform.current.names.last ?? "x86_64-linux-gnu")"
        let files = FileManager.default
        try files.createDirectory(atPath: library, withIntermediateDirectories: true)
        let yaml = """
            name: \(name)
            version: \(version)
            summary: Does nothing.
            license: Apache-2.0
            output: {name: nothing.bin, media-type: application/octet-stream}

            """
        let source = """
            #include <talkoot.h>
            static int32_t run(const talkoot_host *host, const talkoot_unit *unit) { return host->write(host, &unit->index, 8); }
            static const talkoot_module module = {TALKOOT_ABI_VERSION, sizeof(talkoot_module), 0, run, 0, 0, 0};
            TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { (void)host; return &module; }

            """
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: "\(directory)/module.yaml"))
        try Data(source.utf8).write(to: URL(fileURLWithPath: "\(directory)/m.c"))
        let headers = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .path
        _ = try await run(
            "cc",
            [
                "-shared", "-fPIC", "-O1", "-s", "-Wl,-z,noexecstack", "-I", headers + "/Sources/CTalkoot/include", "\(directory)/m.c",
                "-o",
                "\(library)/module.so",
            ])
        return try PackageWriter().pack(directory: directory, signingKey: nil, output: scratch("\(name)-\(version).talkoot"))
    }
}
