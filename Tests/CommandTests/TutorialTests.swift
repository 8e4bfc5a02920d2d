import Foundation
import Testing

extension CommandTests {
    /// Modules/README.md, as a new user reads it: from its first line to its last.
    @Suite(.serialized) struct TutorialCommands {
        private static let tutorial = Result { try Tutorial(path: SampleModules.root + "/Modules/README.md") }
        /// How long the six commands may take, in seconds, on a loaded machine: half of the ten minutes that the tutorial promises.
        private static let patience = 300.0

        /// Types the commands in bash, and gives what each printed. The program is `talkoot` in the path.
        private func type(
            _ commands: [Tutorial.Command], home: TestHome, variables: [String: String] = [:]
        ) async throws -> [(seconds: Double, text: String)] {
            let programs = URL(fileURLWithPath: try home.program()).deletingLastPathComponent().path
            let environment = home.environment.merging([
                "TALKOOT_SDK": SampleModules.root, "SOURCES": SampleModules.root,
                "PATH": "\(programs):\(home.environment["PATH"] ?? "")",
            ]) { $1 }.merging(variables) { $1 }
            let process = try CommandProcess(
                "bash", ["-c", Tutorial.script(commands)], environment: environment, directory: home.directory)
            let status = try await process.finish(within: Self.patience)
            let transcript = Tutorial.transcript(process.output)
            guard status == 0 else {
                throw Failure("`\(commands[max(0, transcript.count - 1)].line)` ended with \(status): \(process.output)")
            }
            for (command, answer) in zip(commands, transcript) {
                guard let expected = command.expected else { continue }
                #expect(answer.text.contains(expected), "`\(command.line)` printed \(answer.text)")
            }
            return transcript
        }

        @Test("Every command of Modules/README.md works and prints what it says, and six lead to the result of one's own module in C")
        func everyCommand() async throws {
            let tutorial = try Self.tutorial.get()
            let network = try await TestNetwork(volunteers: ["bob", "cleo"])
            let home = try await TestHome(withModules: false)
            #expect(tutorial.blocks[0].commands.count == 6)
            let typed = tutorial.blocks.filter { $0.kind != "package" }.flatMap(\.commands)
            #expect(typed.count > 20)
            let answers = try await type(typed, home: home, variables: ["TRACKER": network.address])
            print("six commands in C: \(Int(answers[6].seconds - answers[0].seconds)) s")
            let run = try #require(typed.lastIndex { $0.line.hasPrefix("talkoot run") })
            #expect(answers[run].text.contains("verified (audit)"), "\(answers[run].text)")
            // A command in a sentence is one of those, as far as it is written out; `swift package` is run by the plugin's tests.
            let known = tutorial.blocks.flatMap(\.commands).map(\.line)
            for mention in tutorial.mentions {
                let words = mention.split(separator: " ").prefix { $0 != $0.uppercased() && !$0.contains("…") }.joined(separator: " ")
                #expect(known.contains { $0.hasPrefix(words) }, "`\(mention)` is in no block")
            }
        }

        @Test("The same six commands, for Swift and with a login, lead to a result that volunteers computed and others verified")
        func swiftModule() async throws {
            let tutorial = try Self.tutorial.get()
            let network = try await TestNetwork(volunteers: ["bob", "cleo"])
            let home = try await TestHome(withModules: false)
            try await TestNetwork.signUp("ann", home: home, address: network.address)
            let commands = tutorial.blocks[0].commands.map {
                Tutorial.Command(line: $0.line.replacing("--language c ", with: "--language swift "), expected: $0.expected)
            }
            #expect(commands.contains { $0.line.contains("swift ") })
            let answers = try await type(commands, home: home)
            print("six commands in Swift: \(Int(answers[6].seconds - answers[0].seconds)) s")
            #expect(answers[5].text.contains("at the tracker") && answers[5].text.contains("verified (audit)"), "\(answers[5].text)")
        }

        @Test("The module that Modules/README.md prints, in C and in Swift, is what it says")
        func printedModules() async throws {
            let sources = try Self.tutorial.get().sources
            let (yaml, c, swift) = (sources["yaml"]?.first ?? "", sources["c"]?.first ?? "", sources["swift"]?.first ?? "")
            let home = try await TestHome(withModules: false)
            for (name, source, expected) in [
                ("squares.c", c, Array("285\n".utf8)), ("squares.swift", swift, [0x1D, 0x01, 0, 0, 0, 0, 0, 0]),
            ] {
                let folder = home.path("own-\(name)")
                try FileManager.default.createDirectory(atPath: folder + "/src", withIntermediateDirectories: true)
                try Data(yaml.utf8).write(to: URL(fileURLWithPath: folder + "/module.yaml"))
                try Data(source.utf8).write(to: URL(fileURLWithPath: folder + "/src/" + name))
                let process = try home.start(
                    ["module", "run", folder, "limit=10"], variables: ["TALKOOT_SDK": SampleModules.root])
                #expect(try await process.finish(within: 120) == 0, "\(process.errors)")
                #expect(process.outputBytes == expected, "\(name)")
            }
        }
    }
}
