import Foundation
import Testing

extension CommandTests {
    @Suite struct Help {
        static let commands = [
            "run", "jobs", "job", "result", "resume", "cancel", "tracker", "volunteer", "signup", "login", "logout", "whoami", "peers",
            "modules", "module build", "module pack", "module inspect", "module add", "module publish", "doctor", "demo", "identity show",
            "identity new", "identity export",
        ]

        @Test("Every command explains itself with an example", arguments: commands)
        func examples(command: String) async throws {
            let home = try await TestHome(withModules: false)
            let process = try home.start(command.split(separator: " ").map(String.init) + ["--help"])
            #expect(try await process.finish() == 0)
            #expect(process.output.contains("talkoot \(command)"))
            #expect(process.errors.isEmpty)
        }

        @Test(
            "A wrong command line is one line on standard error, with where the help is, and status 64",
            arguments: [
                ["fly"], ["jobs", "--fast"], ["login"], ["module", "eat"],
            ])
        func usage(arguments: [String]) async throws {
            let home = try await TestHome(withModules: false)
            let process = try home.start(arguments)
            #expect(try await process.finish() == 64)
            #expect(process.output.isEmpty)
            #expect(process.errors.hasPrefix("talkoot: "))
            #expect(process.errors.contains("--help'"))
            #expect(process.errors.split(separator: "\n").count == 1)
        }

        @Test("The doctor names the level and every layer")
        func doctor() async throws {
            let home = try await TestHome(withModules: false)
            let text = String(decoding: try await home.run("doctor"), as: UTF8.self)
            #expect(text.hasPrefix("confinement level "))
            for layer in ["namespaces", "own user", "landlock", "limits", "system call filter", "disk", "memory"] {
                #expect(text.contains(layer))
            }
        }

        @Test("An identity is made once, shown again and exported")
        func identity() async throws {
            let home = try await TestHome(withModules: false)
            let first = try await home.run("identity", "show")
            #expect(first.starts(with: "tk1".utf8))
            #expect(try await home.run("identity", "show") == first)
            #expect(String(decoding: try await home.run("identity", "export"), as: UTF8.self).contains("PRIVATE KEY"))
            let refused = try await home.fail("identity", "new")
            #expect(refused.status == 73)
            #expect(try await home.run("identity", "new", "--replace") != first)
        }
    }
}
