import Foundation
import Glibc
import Testing

extension CommandTests {
    @Suite struct Checkpoints {
        @Test("A unit that a volunteer gives back half done is gone on with by another one, who computes only the rest")
        func handedOver() async throws {
            let network = try await TestNetwork(volunteers: ["ann"])
            let home = network.requester
            let package = home.path("steps.talkoot")
            try await home.run(
                "module", "pack", "\(SampleModules.root)/Tests/CommandTests/Programs/StepsModule", "--unsigned", "--output", package)
            let run = try home.start(
                "run", package, "items=200", "milliseconds=20", "--unit-size", "200", "--verify", "none", "--on", network.address)
            try await until("ann works") {
                String(decoding: try await network.volunteerHomes[0].run("volunteer", "status"), as: UTF8.self).contains("1 of 1 slot busy")
            }
            // Real time, in which some of the items are done.
            poll(nil, 0, 1000)
            network.volunteers[0].send(SIGTERM)
            #expect(try await network.volunteers[0].finish() == 0, "\(network.volunteers[0].errors)")
            let bob = try await TestHome(withModules: false)
            try await TestNetwork.signUp("bob", home: bob, address: network.address)
            let volunteer = try bob.start("volunteer", "--slots", "1", "--listen", "127.0.0.1:0")
            #expect(try await run.finish(within: 60) == 0, "\(run.errors)")
            let words = run.output.split(whereSeparator: { " ,\n".contains($0) })
            #expect(words.count == 6 && words[1] == "19900" && words[5] == "200", "\(run.output)")
            let done = words.count == 6 ? Int(words[3]) ?? 200 : 200
            #expect(done > 0 && done < 190, "\(run.output)")
            #expect(volunteer.errors.contains("going on from a checkpoint"), "\(volunteer.errors)")
            volunteer.send(SIGKILL)
        }
    }
}
