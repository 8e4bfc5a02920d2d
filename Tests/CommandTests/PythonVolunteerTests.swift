import Foundation
import Glibc
import Testing

extension CommandTests {
    @Suite struct PythonVolunteer {
        @Test("A volunteer in 150 lines of Python works on a job", .enabled(if: isInstalled("python3"), "python3 is not installed"))
        func job() async throws {
            let script = "\(SampleModules.root)/docs/examples/volunteer.py"
            let lines = try String(contentsOfFile: script, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count - 1 <= 150)
            let network = try await TestNetwork(volunteers: [])
            let home = network.requester
            let secret = try home.file("python-secret", Array("correct horse\n".utf8))
            let place = String(network.address.prefix { $0 != "#" })
            let volunteer = try CommandProcess(
                "python3", [script, place, "monty", secret], environment: ProcessInfo.processInfo.environment)
            try await volunteer.line { $0.contains("listed on port") }
            let other = try home.start("run", "wordcount", "--input", script, "--on", network.address, "--timeout", "2s")
            #expect(try await other.finish() == 75, "\(other.errors)")
            let report = try await home.run("run", "primes", "limit=2e7", "--unit-size", "2", "--on", network.address, "--json")
            struct Report: Decodable {
                var text: String
                var contributors: Int
                var units: Int
            }
            let found = try JSONDecoder().decode(Report.self, from: Data(report))
            #expect(found.text == "1270607\n")
            #expect(found.contributors == 1 && found.units == 6)
            volunteer.send(SIGTERM)
            _ = try await volunteer.finish()
        }
    }
}
