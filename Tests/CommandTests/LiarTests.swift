import Foundation
import Glibc
import TalkootTesting
import Testing

extension CommandTests {
    /// Honest volunteers and one of `talkoot-volunteer-testing`, each a process of its own.
    @Suite struct Liars {
        @Test("A liar among real volunteers is convicted, its work done again by others, and the output right, also when it lies seldom")
        func convicted() async throws {
            let network = try await TestNetwork(volunteers: ["ann", "bob"])
            // Which of its units are lies the seeds decide: the first, and the fourth.
            for (name, behaviour, seed, level) in [("lou", "lying:0.3", 1 as UInt64, "audit"), ("lea", "lying:0.01", 5, "strict")] {
                let liar = try await MisbehavingVolunteer(name, behaviour, seed: seed, at: network.address)
                try await network.waitForActive(3)
                let output = try await network.requester.run(
                    "run", "primes", "limit=4e9", "--unit-size", "1", "--verify", level, "--on", network.address, within: 120)
                #expect(output == Array("189961812\n".utf8))
                let verification = try await JobVerdicts.last(in: network.requester)
                #expect(!verification.convictions.isEmpty, "nobody was convicted: \(liar.process.errors)")
                #expect(verification.convictions.allSatisfy { $0.volunteer == name }, "\(verification.convictions)")
                #expect(verification.unitsVoided > 0)
                let story = String(decoding: try await network.requester.run("job", "last"), as: UTF8.self)
                #expect(story.contains("\(name) gave a wrong result"), "\(story)")
                let why = String(decoding: try await network.requester.run("explain", "last/\(name)"), as: UTF8.self)
                for word in ["convicted", "volunteer-ready", "\(name) gave a wrong result"] { #expect(why.contains(word), "\(why)") }
                liar.process.send(SIGKILL)
                _ = try await liar.process.finish()
                try await network.waitForActive(2)
            }
        }

        @Test("Units that fail on one volunteer are done by others, and a slow one holds nobody up")
        func failingAndSlow() async throws {
            let network = try await TestNetwork(volunteers: ["ann", "bob"])
            let failing = try await MisbehavingVolunteer("fay", "failing:0.2", seed: 1, at: network.address)
            let slow = try await MisbehavingVolunteer("sid", "slow:20", seed: 1, at: network.address)
            try await network.waitForActive(4)
            let output = try await network.requester.run(
                "run", "primes", "limit=4e9", "--unit-size", "4", "--on", network.address, within: 120)
            #expect(output == Array("189961812\n".utf8))
            #expect(try await JobVerdicts.last(in: network.requester).convictions.isEmpty)
            for process in [failing.process, slow.process] { #expect(process.status == nil, "\(process.errors)") }
        }
    }
}

/// A volunteer that misbehaves on purpose, with a home of its own.
final class MisbehavingVolunteer: Sendable {
    /// The volunteer.
    let process: CommandProcess
    private let home: TestHome

    /// Starts it; it signs up by itself.
    init(_ name: String, _ behaviour: String, seed: UInt64, at address: String) async throws {
        home = try await TestHome(withModules: false)
        process = try CommandProcess(
            try BuiltProduct.path("talkoot-volunteer-testing"),
            ["--tracker", address, "--name", name, "--home", home.path("home"), "--behave", behaviour, "--seed", "\(seed)"],
            environment: home.environment)
    }

    deinit { process.send(SIGKILL) }
}

/// What verification found, as `talkoot job --json` tells it.
struct JobVerdicts: Decodable {
    /// Who gave wrong results.
    struct Conviction: Decodable {
        var volunteer: String
        var isBan: Bool
    }

    var convictions: [Conviction]
    var unitsVoided: UInt64
    var unitsChecked: UInt64

    /// That of the newest job of a home.
    static func last(in home: TestHome) async throws -> JobVerdicts {
        struct Report: Decodable { var verification: JobVerdicts }
        return try JSONDecoder().decode(Report.self, from: Data(try await home.run("job", "last", "--json"))).verification
    }
}
