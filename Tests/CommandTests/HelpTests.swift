import Foundation
import Testing

extension CommandTests {
    @Suite struct Help {
        static let commands = [
            "run", "estimate", "jobs", "job", "watch", "result", "explain", "resume", "cancel", "replay", "coordinator", "tracker",
            "volunteer",
            "signup", "login", "logout", "whoami",
            "peers",
            "modules", "module build", "module pack", "module inspect", "module add", "module publish",
            "module new", "module run", "module check", "module sign", "module trust", "module fetch", "module yank", "doctor", "demo",
            "identity show", "identity new", "identity export", "receipts", "receipts list", "receipts verify", "leaderboard",
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

        @Test("The doctor prints the system call policy, for a person and for a program, also where no cell can run")
        func policy() async throws {
            let home = try await TestHome(withModules: false)
            let text = String(decoding: try await home.run("doctor", "--policy"), as: UTF8.self)
            #expect(text.hasPrefix("call "))
            for word in ["MADV_DONTNEED", "io_uring_setup", "ENOSYS", "pivot_root", "while loading", "the handler: EBADF"] {
                #expect(text.contains(word), "\(word)")
            }
            #expect(text.split(separator: "\n").prefix { !$0.hasPrefix("-") }.allSatisfy { $0.count <= 140 })
            let policy = try JSONDecoder().decode(Policy.self, from: Data(try await home.run("doctor", "--policy", "--json")))
            let open = try #require(policy.lines.flatMap(\.calls).first { $0.name == "open" })
            #expect(open.numbers == ["x86-64": 2])
            #expect(policy.lines.contains { $0.calls.map(\.name) == ["getrandom"] && $0.answer == "made" })
        }

        private struct Policy: Decodable {
            struct Line: Decodable {
                struct Call: Decodable {
                    var name: String
                    var numbers: [String: Int32]
                }
                var calls: [Call]
                var answer: String
            }
            var lines: [Line]
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
