import Foundation
import TalkootTesting
import Testing

extension CommandTests {
    /// The command that authors use in SwiftPM packages of their own.
    @Suite(.serialized) struct Plugin {
        @Test("An author's own package builds, packs and runs its module with one command", .timeLimit(.minutes(10)))
        func authorPackage() async throws {
            let home = try await TestHome(withModules: false)
            let author = home.path("author")
            try FileManager.default.copyItem(atPath: SampleModules.root + "/Tests/CommandTests/Programs/AuthorPackage", toPath: author)
            let template = try String(contentsOfFile: author + "/Package.swift.txt", encoding: .utf8)
            try template.replacing("TALKOOT", with: SampleModules.root + "/SDK").write(
                toFile: author + "/Package.swift", atomically: true, encoding: .utf8)
            // The user's own home: SwiftPM keeps what it has downloaded there.
            let own = ProcessInfo.processInfo.environment
            let environment = home.environment.merging(["HOME": own["HOME"] ?? "/", "TALKOOT": try home.program()]) { $1 }

            let wrong = try CommandProcess(
                "swift", ["package", "package-module", "spheres"], environment: environment, directory: author)
            #expect(try await wrong.finish(within: 540) != 0)
            #expect((wrong.output + wrong.errors).contains("no library product spheres, only cubes"), "\(wrong.errors)")

            let process = try CommandProcess("swift", ["package", "package-module", "cubes"], environment: environment, directory: author)
            #expect(try await process.finish(within: 540) == 0, "\(process.errors)")
            let package = process.output.split(separator: "\n").last { $0.hasSuffix("cubes-1.0.0.talkoot") }.map(String.init) ?? ""
            let inspection = String(decoding: try await home.run("module", "inspect", package), as: UTF8.self)
            #expect(inspection.contains("publisher  tkp1") && !inspection.contains("REFUSED"), "\(inspection)")
            #if arch(x86_64)
                #expect(inspection.contains("x86_64-linux-gnu") && inspection.contains("x86_64-v3-linux-gnu"), "\(inspection)")
            #endif
            #expect(try await home.run("run", package, "limit=1001") == Array("250500250000\n".utf8))
            #expect(try await home.run("module", "check", package, within: 120).starts(with: "ok      samples".utf8))
        }
    }
}
