import Foundation
import Glibc
import Testing

extension CommandTests {
    @Suite struct Swarming {
        /// 12 MiB that zstd takes some seconds a unit for, so that the job is under way while the input travels.
        private static func input(_ home: TestHome) throws -> (path: String, content: [UInt8]) {
            var state: UInt64 = 88_172_645_463_325_252
            var content: [UInt8] = []
            content.reserveCapacity(12 << 20)
            while content.count < 12 << 20 {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                content += Array("\(state % 9_973) \(state % 89)\n".utf8)
            }
            content.removeSubrange((12 << 20)...)
            return (try home.file("input", content), content)
        }

        @Test(
            "Four volunteers with the whole input had little of it from the requester; one that is killed fetches only what is missing",
            .enabled(if: Program.isHere("zstd"), "there is no zstd"))
        func wholeInput() async throws {
            let names = ["ann", "bob", "cyd", "dan"]
            let network = try await TestNetwork(volunteers: names)
            let home = network.requester
            let (path, content) = try Self.input(home)
            let run = try home.start(
                "run", "zstd", "level=17", "--input", path, "--output", home.path("packed"), "--on", network.address, "--spread-input",
                "--unit-size", "1", "--verify", "none", "--json")
            for (process, owner) in zip(network.volunteers, network.volunteerHomes) {
                try await process.line(on: \.errors) { $0.contains("taking a job") }
                // The cells stand still, the network goes on: nothing is finished before everybody has everything.
                try await owner.run("volunteer", "pause")
            }
            for process in network.volunteers { try await process.line(on: \.errors, within: 120) { $0.contains("all chunks are here") } }

            // One is killed, loses a byte of its file, and comes back.
            let owner = network.volunteerHomes[0]
            network.volunteers[0].send(SIGKILL)
            _ = try await network.volunteers[0].finish()
            let folder = owner.directory + "/home/swarm"
            let blob = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".blob") })
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder + "/" + blob))
            try file.seek(toOffset: 1_000_000)
            let byte = try #require(try file.read(upToCount: 1)?.first)
            try file.seek(toOffset: 1_000_000)
            try file.write(contentsOf: Data([byte ^ 1]))
            try file.close()
            let again = try owner.start("volunteer", "--slots", "1", "--listen", "127.0.0.1:0")
            defer { again.send(SIGKILL) }
            let line = try await again.line(on: \.errors, within: 120) { $0.contains("chunks are here already") }
            #expect(line.contains("chunks=95 of 96"), "\(line)")
            let fetched = try await again.line(on: \.errors, within: 120) { $0.contains("all chunks are here") }
            #expect(fetched.contains("fetched=1 "), "\(fetched)")

            for owner in network.volunteerHomes { try await owner.run("volunteer", "resume") }
            #expect(try await run.finish(within: 180) == 0, "\(run.errors)")
            #expect(try await Program.bytes("zstd", ["-dcq", home.path("packed")]) == content)
            let report = try JSONDecoder().decode(Report.self, from: Data(run.outputBytes))
            let copies = Double(report.sentInputBytes) / Double(content.count)
            print("the requester sent \(copies) copies of the input to four volunteers")
            #expect(copies <= 1.5)
            #expect(copies >= 1, "nobody else had it before")
        }

        private struct Report: Decodable { var sentInputBytes: UInt64 }
    }
}
