import Foundation
import Testing

extension CommandTests {
    /// From nothing to a verified result, as a new user types it.
    @Suite(.serialized) struct NewModules {
        private static let environment = ["TALKOOT_SDK": SampleModules.root]

        /// Runs a command in a folder of the home, and gives what it printed.
        @discardableResult
        private func run(_ home: TestHome, in folder: String, _ words: String...) async throws -> String {
            let process = try CommandProcess(
                try home.program(), words, environment: home.environment.merging(Self.environment) { $1 }, directory: home.path(folder))
            let status = try await process.finish(within: 180)
            guard status == 0 else { throw Failure("\(process.title) ended with \(status): \(process.errors)\(process.output)") }
            return process.output
        }

        @Test(
            "Five commands lead from nothing to the result of one's own module, checked and signed", arguments: ["cpp"])
        func firstModule(_ language: String) async throws {
            let home = try await TestHome(withModules: false)
            try await run(home, in: ".", "module", "new", "first-one", "--language", language)
            #expect(try await run(home, in: "first-one", "module", "run", ".", "limit=10") == "285\n")
            let check = try await run(home, in: "first-one", "module", "check", ".")
            #expect(check.contains("first-one@0.1.0 passed; determinism: exact"), "\(check)")
            let package = try await run(home, in: "first-one", "module", "pack", ".")
            #expect(package.hasSuffix("first-one-0.1.0.talkoot\n"))
            #expect(try await run(home, in: "first-one", "run", "./first-one-0.1.0.talkoot", "limit=1e6") == "333332833333500000\n")
            let inspection = try await run(home, in: "first-one", "module", "inspect", "first-one-0.1.0.talkoot")
            #expect(inspection.contains("check      passed: samples, repeat, memory"), "\(inspection)")
            #expect(inspection.contains("publisher  tkp1"))
        }

        @Test("A check is void when the module changes, and its report is JSON when asked for")
        func changed() async throws {
            let home = try await TestHome(withModules: false)
            try await run(home, in: ".", "module", "new", "changing", "--language", "c")
            let report = try await run(home, in: "changing", "module", "check", ".", "--json", "--seed", "5")
            #expect(report.contains(#""determinism":"exact""#) && report.contains(#""seed":5"#))
            let yaml = try String(contentsOfFile: home.path("changing/module.yaml"), encoding: .utf8)
            try Data(yaml.replacing("memory: 64 MiB", with: "memory: 65 MiB").utf8).write(
                to: URL(fileURLWithPath: home.path("changing/module.yaml")))
            try await run(home, in: "changing", "module", "pack", ".")
            let inspection = try await run(home, in: "changing", "module", "inspect", "changing-0.1.0.talkoot")
            #expect(inspection.contains("check      none"))
        }

        @Test("A wrong sample, a wrong name, a folder that is there and a unit that does not exist are refused with what to do")
        func refusals() async throws {
            let home = try await TestHome(withModules: false)
            try await run(home, in: ".", "module", "new", "wrong", "--language", "c")
            let again = try await home.fail("module", "new", "wrong", "--language", "c", variables: Self.environment)
            #expect(again.status == 73 && again.message.contains("not empty"))
            let name = try await home.fail("module", "new", "Wrong Name", "--language", "c", variables: Self.environment)
            #expect(name.status == 64 && name.message.contains("prime-gaps"))
            let language = try await home.fail("module", "new", "other", "--language", "perl", variables: Self.environment)
            #expect(language.status == 64 && language.message.contains("c, cpp, swift, rust"))
            let unit = try await home.fail("module", "run", "wrong", "limit=10", "--unit", "7", variables: Self.environment)
            #expect(unit.status == 64 && unit.message.contains("there is no unit 7"))
            let yaml = try String(contentsOfFile: home.path("wrong/module.yaml"), encoding: .utf8)
            try Data(yaml.replacing("14\\n", with: "15\\n").utf8).write(to: URL(fileURLWithPath: home.path("wrong/module.yaml")))
            let check = try home.start(["module", "check", "wrong"], variables: Self.environment)
            #expect(try await check.finish(within: 120) == 65)
            #expect(check.output.contains("FAILED  samples") && check.output.contains("`14.`"), "\(check.output)")
        }
    }
}
