import Foundation
import Testing

extension CommandTests {
    @Suite struct Attacks {
        @Test("The doctor's attacks are printed line by line, each stopped, with the layer, as text and as JSON")
        func attack() async throws {
            let home = try await TestHome(withModules: false)
            let folder = try await Self.pack("\(SampleModules.root)/Modules/hostile", home: home)
            let process = try home.start(["doctor", "--attack"], variables: ["TALKOOT_ATTACKS": folder])
            #expect(try await process.finish(within: 120) == 0, "\(process.errors)")
            let lines = process.output.split(separator: "\n")
            let attempts = lines.dropFirst().dropLast()
            #expect(lines.first?.hasPrefix("confinement level ") == true)
            #expect(lines.last == "\(attempts.count) of \(attempts.count) attempts were stopped")
            #expect(attempts.count >= 80)
            for line in attempts { #expect(line.hasPrefix("  stopped   ") && line.hasSuffix("]"), "\(line)") }

            let json = try home.start(["doctor", "--attack", "--json"], variables: ["TALKOOT_ATTACKS": folder])
            #expect(try await json.finish(within: 120) == 0, "\(json.errors)")
            let report = try JSONDecoder().decode(Report.self, from: Data(json.outputBytes))
            #expect(report.attempts.count == attempts.count && report.stopped == attempts.count && report.succeeded == 0)
            for attempt in report.attempts {
                #expect(attempt.stopped && attempt.verdict == attempt.expected && !attempt.layer.isEmpty, "\(attempt)")
            }
        }

        @Test("An attack that succeeds is shouted out and makes the exit status 1")
        func success() async throws {
            let home = try await TestHome(withModules: false)
            let module = home.path("winner")
            try FileManager.default.createDirectory(atPath: module + "/src", withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: "\(SampleModules.root)/Modules/hostile/module.yaml", toPath: module + "/module.yaml")
            let source = """
                #include <talkoot.h>
                static const volatile char choice[80] = "the chosen attack is: ";
                static int32_t run(const talkoot_host *host, const talkoot_unit *unit) {
                    (void)unit;
                    return host->write(host, "through", choice[40] != 0 ? 7 : 0);
                }
                static const talkoot_module module = {TALKOOT_ABI_VERSION, sizeof(talkoot_module), 0, run, 0, 0, 0};
                TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { return (void)host, &module; }
                """
            try Data(source.utf8).write(to: URL(fileURLWithPath: module + "/src/winner.c"))
            let folder = try await Self.pack(module, home: home)
            let process = try home.start(["doctor", "--attack"], variables: ["TALKOOT_ATTACKS": folder])
            #expect(try await process.finish(within: 120) == 1, "\(process.errors)")
            #expect(process.output.contains("SUCCEEDED open-libc"))
            #expect(process.output.contains("\n0 of "))
        }

        @Test("Without the hostile module the doctor says where it looked and what to do")
        func absent() async throws {
            let home = try await TestHome(withModules: false)
            let (status, message) = try await home.fail("doctor", "--attack", variables: ["TALKOOT_ATTACKS": home.path("nowhere")])
            #expect(status == 66)
            #expect(message.contains(home.path("nowhere")) && message.contains("make modules"), "\(message)")
        }

        @Test("As a job the hostile module does nothing: it refuses to load and is no module that anyone is offered")
        func job() async throws {
            let home = try await TestHome(withModules: false)
            let folder = try await Self.pack("\(SampleModules.root)/Modules/hostile", home: home)
            let (status, message) = try await home.fail("run", "\(folder)/hostile-1.0.0.talkoot", "--on", "local")
            #expect(status != 0)
            #expect(message.contains("this module only attacks"), "\(message)")
            #expect(!String(decoding: try await home.run("modules"), as: UTF8.self).contains("hostile"))
        }

        private struct Report: Decodable {
            struct Attempt: Decodable {
                var attack: String
                var stopped: Bool
                var verdict: String
                var expected: String
                var layer: String
            }
            var attempts: [Attempt]
            var stopped: Int
            var succeeded: Int
        }

        /// Packs a module as `make modules` does, into a folder of the test.
        private static func pack(_ module: String, home: TestHome) async throws -> String {
            let folder = home.path("attacks")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let process = try home.start(
                ["module", "pack", module, "--unsigned", "--output", folder], variables: ["TALKOOT_SDK": SampleModules.root])
            let status = try await process.finish(within: 300)
            guard status == 0 else { throw Failure("\(process.title) ended with \(status): \(process.errors)") }
            return folder
        }
    }
}
