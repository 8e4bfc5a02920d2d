import Foundation
import Glibc
import Testing

extension CommandTests {
    @Suite struct Pausing {
        @Test("A volunteer that its owner pauses computes nothing, and finishes its job when it goes on")
        func pause() async throws {
            let network = try await TestNetwork(volunteers: ["ann"])
            let (home, owner) = (network.requester, network.volunteerHomes[0])
            let run = try home.start("run", "primes", "limit=3e9", "--on", network.address)
            try await JobState.reach(0.1, in: home)
            #expect(try await text(owner, "pause").hasPrefix("paused: 1 of 1 slot busy"))
            let cells = Self.children(of: network.volunteers[0].id)
            #expect(!cells.isEmpty)
            let before = cells.map(Self.processorTicks)
            // Real time, in which cells that ran would use some.
            poll(nil, 0, 500)
            #expect(cells.map(Self.processorTicks) == before)
            #expect(try await text(owner, "status").hasPrefix("paused"))
            #expect(try await !text(owner, "resume").hasPrefix("paused"))
            #expect(try await run.finish(within: 150) == 0, "\(run.errors)")
            #expect(run.output == "144449537\n")
        }

        @Test("A run that is stopped for seconds, alone or with its cells, goes on to the right result", arguments: [false, true])
        func stoppedRun(withCells: Bool) async throws {
            let home = try await TestHome()
            let run = try home.start("run", "primes", "limit=2e9", "--slots", "2")
            try await JobState.reach(0.1, in: home)
            run.send(SIGSTOP)
            let cells = withCells ? Self.children(of: run.id) : []
            for cell in cells { kill(cell, SIGSTOP) }
            poll(nil, 0, 3000)
            run.send(SIGCONT)
            for cell in cells { kill(cell, SIGCONT) }
            #expect(try await run.finish(within: 150) == 0, "\(run.errors)")
            #expect(run.output == "98222287\n")
        }

        @Test("Without a volunteer there is nobody to tell: status 69")
        func nobody() async throws {
            let home = try await TestHome(withModules: false)
            let (status, message) = try await home.fail("volunteer", "pause")
            #expect(status == 69)
            #expect(message.contains("talkoot volunteer"))
        }

        private func text(_ home: TestHome, _ order: String) async throws -> String {
            String(decoding: try await home.run("volunteer", order), as: UTF8.self)
        }

        /// The processes that a process is the parent of.
        private static func children(of process: Int32) -> [Int32] {
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
            return threads.flatMap { thread -> [Int32] in
                let text = (try? String(contentsOfFile: "/proc/\(process)/task/\(thread)/children", encoding: .utf8)) ?? ""
                return text.split(separator: " ").compactMap { Int32($0) }
            }
        }

        /// Processor time of a process, in ticks of 10 ms; -1 when it is gone.
        private static func processorTicks(_ process: Int32) -> Int {
            let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : -1
        }
    }
}
