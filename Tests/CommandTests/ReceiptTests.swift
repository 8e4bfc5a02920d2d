import Foundation
import Glibc
import Testing

extension CommandTests {
    @Suite struct Receipts {
        @Test("A volunteer gets a receipt for its units that anybody can verify; a changed one does not hold")
        func received() async throws {
            let network = try await TestNetwork(volunteers: ["ann"])
            let (home, ann) = (network.requester, network.volunteerHomes[0])
            #expect(try await home.run("run", "primes", "limit=1e8", "--on", network.address) == Array("5761455\n".utf8))
            let file = ann.directory + "/home/receipts.jsonl"
            try await until("the receipt is kept") {
                let listed = try await ann.run("receipts", "list", "--json")
                return String(decoding: listed, as: UTF8.self).contains("\"volunteer\":\"ann\"")
            }
            let words = String(decoding: try await ann.run("receipts", "verify", file), as: UTF8.self)
            #expect(words.contains("1 receipt") && words.contains("all signatures and chains hold"), "\(words)")
            let issued = home.directory + "/home/receipts-issued.jsonl"
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data(contentsOf: URL(fileURLWithPath: issued)))
            struct Row: Decodable {
                var volunteer: String
                var credit: Double
                var recent: Double
                var units: UInt64
            }
            // The same receipts from two places count once.
            let rows = try JSONDecoder().decode([Row].self, from: Data(try await home.run("leaderboard", file, issued, "--json")))
            let job = try #require(try await JobState.last(in: home))
            #expect(rows.map(\.volunteer) == ["ann"])
            #expect(rows.first?.units == job.units)
            #expect(rows.allSatisfy { $0.credit > 0 && abs($0.recent - $0.credit) < 0.001 * $0.credit })
            let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
            let forged = try home.file("forged", Array(text.replacing("\"microcredits\":", with: "\"microcredits\":9").utf8))
            let refusal = try await home.fail("receipts", "verify", forged)
            #expect(refusal.status == 65)
            #expect(refusal.message.contains("not signed by its issuer"), "\(refusal.message)")
            // Its output once more is no work.
            try await home.run("resume", "last")
            #expect(try Data(contentsOf: URL(fileURLWithPath: issued)).split(separator: 10).count == 1)
        }
    }
}
