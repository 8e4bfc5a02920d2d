import Foundation
import Glibc
import Testing

extension CommandTests {
    @Suite struct Coordinator {
        @Test(
            "Two requesters share a coordinator's volunteers: each has its module and input fetched, sees its own jobs, gets its results"
        )
        func twoRequesters() async throws {
            let network = try await TestNetwork(volunteers: ["ann", "bob"])
            let keeper = try await TestHome(withModules: false)
            try await TestNetwork.signUp("keeper", home: keeper, address: network.address)
            let requesters = [network.requester, try await TestHome()]
            var arguments = ["coordinator", "--listen", "127.0.0.1:0"]
            for home in requesters { arguments += ["--allow", try await home.text("identity", "show") + "=somebody"] }
            let coordinator = try keeper.start(arguments)
            defer { coordinator.send(SIGKILL) }
            let at = try await coordinator.line { $0.hasPrefix("127.0.0.1:") }

            let text = (0..<30_000).map { "word\($0 % 100) and\n" }.joined()
            let book = try requesters[1].file("book.txt", Array(text.utf8))
            let primes = try await requesters[0].text("run", "primes", "limit=2e9", "--detach", "--at", at)
            let words = try await requesters[1].text("run", "wordcount", "--input", book, "--detach", "--at", at)
            try await requesters[0].run("watch", primes, "--at", at)
            try await requesters[1].run("watch", words, "--at", at)
            #expect(try await requesters[0].text("result", primes, "--at", at) == "98222287")
            try await requesters[1].run("result", words, "--at", at, "--output", requesters[1].path("counts.csv"))
            let here = try await requesters[1].run("run", "wordcount", "--input", book, "--on", "local")
            #expect(try Data(contentsOf: URL(fileURLWithPath: requesters[1].path("counts.csv"))) == Data(here))

            for (home, own) in zip(requesters, [primes, words]) {
                let jobs = try JSONDecoder().decode([JobState].self, from: Data(try await home.run("jobs", "--at", at, "--json")))
                #expect(jobs.map(\.job) == [own] && jobs.map(\.state) == ["done"])
            }
            for command in ["job", "result", "cancel", "resume", "explain"] {
                let refusal = try await requesters[0].fail(command, words, "--at", at)
                #expect(refusal.status == 66 && refusal.message.contains("there is no job"), "\(command): \(refusal.message)")
            }
            #expect(Set(try await keeper.jobs().map(\.job)) == [primes, words])
            let story = try await requesters[0].text("explain", primes, "--at", at)
            for word in ["volunteer-ready", "ann works with 1 slot", "done"] { #expect(story.contains(word), "\(story)") }
            let own = try await network.volunteerHomes[0].text("explain", "me")
            #expect(own.contains("job-taken") && own.contains("primes"), "\(own)")

            let stranger = try await TestHome()
            let refusal = try await stranger.fail("jobs", "--at", at)
            #expect(refusal.status == 77 && refusal.message.contains("--allow tk1"), "\(refusal.message)")
        }

        @Test("A coordinator that is killed at any point has every job that was acknowledged, and a new one gives the right results")
        func killed() async throws {
            let home = try await TestHome()
            var random = SystemRandomNumberGenerator()
            var jobs: [(id: String, limit: Int)] = []
            for (round, point) in ["acknowledged", "working on a job", "half", "random"].enumerated() {
                let coordinator = try home.start("coordinator", "--slots", "2")
                try await coordinator.line { $0.hasPrefix("127.0.0.1:") }
                let limit = 4_000_000_000 + round
                let id = try await home.text("run", "primes", "limit=\(limit)", "--detach")
                jobs.append((id, limit))
                switch point {
                case "acknowledged": break
                case "half":
                    try await until("half of it is done", within: 120) {
                        let job = try await home.job(id)
                        return job.state == "done" || (job.unitsDone ?? 0) * 2 >= job.units
                    }
                case "random":
                    let looks = Int.random(in: 1...12, using: &random)
                    for _ in 0..<looks { _ = try await home.jobs() }
                default: try await coordinator.line(on: \.errors) { $0.contains(point) }
                }
                coordinator.send(SIGKILL)
                _ = try await coordinator.finish()
                for job in try await home.jobs() { #expect(["interrupted", "done"].contains(job.state), "\(point): \(job)") }
            }
            #expect(Set(try await home.jobs().map(\.job)) == Set(jobs.map(\.id)))
            let watched = try await home.fail("watch", jobs[3].id)
            #expect([0, 75].contains(watched.status), "\(watched.message)")
            let coordinator = try home.start("coordinator", "--slots", "2")
            defer { coordinator.send(SIGKILL) }
            try await coordinator.line { $0.hasPrefix("127.0.0.1:") }
            for (id, limit) in jobs {
                try await home.run(["watch", id], within: 120)
                // The primes up to 4e9; the next one is 4000000007.
                #expect(try await home.text("result", id) == "189961812", "limit \(limit)")
            }
            coordinator.send(SIGTERM)
            #expect(try await coordinator.finish() == 0, "\(coordinator.errors)")
        }

        @Test("A job with a higher priority goes first; a partial result, an explanation and the end of a job can be had while it waits")
        func steering() async throws {
            let home = try await TestHome()
            let coordinator = try home.start("coordinator", "--jobs", "1")
            defer { coordinator.send(SIGKILL) }
            try await coordinator.line { $0.hasPrefix("127.0.0.1:") }
            let long = try await home.text("run", "primes", "limit=1e13", "--unit-size", "2", "--detach")
            try await until("it has a result") { (try await home.job(long).unitsDone ?? 0) > 0 }
            let urgent = try await home.text(
                "run", "primes", "limit=1e8", "--detach", "--priority", "10", "--output", home.path("urgent.txt"))
            try await home.run("watch", urgent)
            #expect(try String(contentsOfFile: home.path("urgent.txt"), encoding: .utf8) == "5761455\n")
            #expect(["running", "queued"].contains(try await home.job(long).state))
            #expect(try await home.text("explain", long).contains("it makes room for job \(urgent)"))
            #expect(Int(try await home.text("result", long, "--partial")) ?? 0 > 0)
            let waiting = try await home.text("run", "primes", "limit=1e9", "--detach", "--priority", "-5")
            let why = try await home.text("explain", waiting)
            #expect(why.contains("queued") && why.contains("go first"), "\(why)")
            let late = try await home.text("run", "primes", "limit=1e9", "--detach", "--priority", "-9", "--deadline", "1s")
            let missed = try await home.fail("watch", late)
            #expect(missed.status == 1 && missed.message.contains("deadline"), "\(missed.message)")
            #expect(try await home.text("explain", late, "--json").contains(#""code":"deadline-missed""#))
            try await home.run("cancel", long)
            #expect(try await home.job(long).state == "cancelled")
            try await home.run("watch", waiting)
            #expect(try await home.text("result", waiting) == "50847534")
            try await home.run("resume", late)
            try await home.run("watch", late)
            #expect(try await home.text("result", late) == "50847534")
        }

        @Test("A detached job that cannot be, a coordinator that is not there or one too many are refused with what to do")
        func refusals() async throws {
            let home = try await TestHome()
            let alone = try await home.fail("run", "primes", "--detach")
            #expect(alone.status == 69 && alone.message.contains("talkoot coordinator"), "\(alone.message)")
            let coordinator = try home.start("coordinator")
            defer { coordinator.send(SIGKILL) }
            try await coordinator.line { $0.hasPrefix("127.0.0.1:") }
            for (arguments, status, words) in [
                (["coordinator"], 77, "runs with"), (["coordinator", "--allow", "bob", "--home", home.path("h")], 64, "identity show"),
                (["coordinator", "--jobs", "9", "--home", home.path("h")], 64, "1 to 8"),
                (["run", "primes", "limit=many", "--detach"], 64, "not a whole number"),
                (["run", "primes", "--detach", "--priority", "500"], 64, "-100 to 100"),
                (["run", "primes", "--detach", "--deadline", "soon"], 64, "write 90s"),
                (["run", "primes", "--detach", "--slots", "2"], 64, "leave them out"),
                (["run", "primes", "--priority", "1"], 64, "add --detach"), (["run", "wordcount", "--detach"], 64, "--input FILE"),
                (["run", "primes", "--detach", "--output", home.path("none/x")], 73, "no directory"),
                (["run", "primes", "--detach", "--at", "127.0.0.1:1"], 69, "talkoot coordinator"),
                (["jobs", "--at", "a b"], 64, "HOST:PORT"),
                (["watch", "last"], 66, "no job yet"), (["explain", "ann"], 66, "talkoot peers"), (["explain", "last/"], 64, "JOB/UNIT"),
                (["estimate", "primes", "--workers", "0"], 64, "1 to 1000000"), (["estimate", "wordcount"], 64, "--input FILE"),
            ] as [([String], Int32, String)] {
                let process = try home.start(arguments)
                #expect(try await process.finish() == status, "\(process.title): \(process.errors)")
                #expect(process.errors.contains(words), "\(process.title): \(process.errors)")
                #expect(process.outputBytes.isEmpty && process.errors.split(separator: "\n").count == 1, "\(process.title)")
            }
            #expect(try await home.jobs().isEmpty)
        }

        @Test("An estimate is near what the job then takes")
        func estimate() async throws {
            let home = try await TestHome()
            let estimate = try JSONDecoder().decode(
                Estimate.self, from: Data(try await home.run("estimate", "primes", "limit=2e10", "--json", "--slots", "1")))
            #expect(estimate.units * estimate.itemsPerUnit >= estimate.items && estimate.samples > 1)
            #expect(estimate.processorP50Seconds < estimate.processorP95Seconds)
            let report = try JSONDecoder().decode(
                Run.self, from: Data(try await home.run("run", "primes", "limit=2e10", "--json", "--slots", "1")))
            // The samples are timed by the clock and the job by the processor, and other tests run beside both.
            #expect(report.processorSeconds < 3 * estimate.processorP95Seconds, "\(report) \(estimate)")
            #expect(report.processorSeconds > estimate.processorP50Seconds / 5, "\(report) \(estimate)")
        }

        private struct Estimate: Decodable {
            var items, itemsPerUnit, units: UInt64
            var samples: Int
            var processorP50Seconds, processorP95Seconds: Double
        }

        private struct Run: Decodable { var processorSeconds: Double }
    }
}

extension TestHome {
    /// Runs `talkoot`, which must succeed, and gives its output as text without the last newline.
    fileprivate func text(_ arguments: String...) async throws -> String {
        String(decoding: try await run(arguments), as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// The jobs of this home.
    fileprivate func jobs() async throws -> [JobState] {
        try JSONDecoder().decode([JobState].self, from: Data(try await run("jobs", "--json")))
    }

    /// One job of this home.
    fileprivate func job(_ id: String) async throws -> JobState {
        try JSONDecoder().decode(JobState.self, from: Data(try await run("job", id, "--json")))
    }
}
