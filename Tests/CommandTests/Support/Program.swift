import Foundation
import Glibc

/// Established programs that modules are compared with.
enum Program {
    /// Whether the program can be found in `PATH`.
    static func isHere(_ name: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }

    /// Whether Python has numpy.
    static let hasNumpy: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import numpy"]
        process.standardError = nil
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// What it prints, in the C locale, when it ends well.
    static func bytes(_ name: String, _ arguments: [String], input: String = "") async throws -> [UInt8] {
        let environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C"]) { $1 }
        let process = try CommandProcess(name, arguments, environment: environment, input: input)
        let status = try await process.finish(within: 120)
        guard status == 0 else { throw Failure("\(process.title) ended with \(status): \(process.errors)") }
        return process.outputBytes
    }

    /// The same as text.
    static func output(_ name: String, _ arguments: [String], input: String = "") async throws -> String {
        String(decoding: try await bytes(name, arguments, input: input), as: UTF8.self)
    }
}
