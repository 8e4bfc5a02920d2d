import Foundation
import Glibc
import Testing

extension CommandTests {
    @Suite struct Network {
        @Test("A tracker, three volunteers and a requester give the same bytes as one machine, twice, and drain on SIGTERM")
        func sameBytes() async throws {
            let network = try await TestNetwork(volunteers: ["ann", "bob", "cleo"])
            let home = network.requester
            let text = "/usr/share/common-licenses/GPL-3"
            #expect(try await home.run("run", "primes", "limit=1e9", "--on", network.address) == Array("50847534\n".utf8))
            for arguments in [
                ["wordcount", "--input", text, "--unit-size", "20"], ["mandelbrot", "width=320", "height=200", "--unit-size", "7"],
            ] {
                let remote = try home.start(["run"] + arguments + ["--on", network.address])
                let local = try home.start(["run"] + arguments + ["--on", "local"])
                #expect(try await remote.finish() == 0, "\(remote.errors)")
                #expect(try await local.finish() == 0, "\(local.errors)")
                #expect(remote.outputBytes == local.outputBytes)
                #expect(remote.outputBytes.count > 1000)
                #expect(remote.errors.contains("at the tracker"))
                #expect(local.errors.contains("on this machine"))
            }
            for process in network.volunteers + [network.tracker] { process.send(SIGTERM) }
            for process in network.volunteers + [network.tracker] { #expect(try await process.finish() == 0, "\(process.errors)") }
        }

        @Test("A job survives a volunteer that is killed and one that is suspended half-way")
        func lostVolunteers() async throws {
            let network = try await TestNetwork(volunteers: ["ann", "bob", "cleo"])
            let home = network.requester
            let run = try home.start("run", "primes", "limit=1e10", "--on", network.address)
            try await JobState.reach(0.4, in: home)
            network.volunteers[0].send(SIGKILL)
            network.volunteers[1].send(SIGSTOP)
            #expect(try await run.finish(within: 150) == 0, "\(run.errors)")
            #expect(run.output == "455052511\n")
        }

        @Test("A requester that is killed at a random moment goes on where it was")
        func killedRequester() async throws {
            let seed = UInt64.random(in: 0...UInt64.max)
            print("killed requester: seed \(seed)")
            let part = 0.05 + 0.7 * Double(seed % 1000) / 1000
            let network = try await TestNetwork(volunteers: ["ann", "bob"])
            let home = network.requester
            let run = try home.start("run", "primes", "limit=1e10", "--on", network.address)
            try await JobState.reach(part, in: home)
            run.send(SIGKILL)
            #expect(try await run.finish() == 128 + SIGKILL)
            let left = try #require(try await JobState.last(in: home))
            #expect(left.state == "interrupted")
            let done = try #require(left.unitsDone)
            #expect(Double(done) >= part * Double(left.units), "an acknowledged commit is lost (seed \(seed))")
            let resumed = try home.start("resume", "last")
            #expect(try await resumed.finish(within: 120) == 0, "\(resumed.errors)")
            #expect(resumed.output == "455052511\n")
        }

        @Test("Ctrl-C says how to resume with status 130; cancel gives a job up from another process")
        func interruptAndCancel() async throws {
            let home = try await TestHome()
            let run = try home.start("run", "primes", "limit=1e12", "--slots", "1")
            try await run.line(on: \.errors) { $0.contains("on this machine") }
            run.send(SIGINT)
            #expect(try await run.finish() == 130)
            #expect(run.errors.contains("go on with `talkoot resume"), "\(run.errors)")
            let resumed = try home.start("resume", "last", "--slots", "1")
            try await resumed.line(on: \.errors) { $0.contains("on this machine") }
            try await home.run("cancel", "last")
            #expect(try await resumed.finish() == 130, "\(resumed.errors)")
            #expect(try await JobState.last(in: home)?.state == "cancelled")
            let again = try await home.fail("resume", "last")
            #expect(again.status == 77)
        }

        @Test("A wrong password, a taken name and a changed identity are refused; a port in use cannot be had")
        func refusals() async throws {
            let network = try await TestNetwork(volunteers: [])
            let home = network.requester
            let wrong = try home.file("wrong", Array("guess\n".utf8))
            let login = try await home.fail("login", "requester", "--tracker", network.address, "--password-file", wrong)
            #expect(login.status == 77, "\(login.message)")
            let taken = try await home.fail("signup", "requester", "--tracker", network.address, "--password-file", wrong)
            #expect(taken.status == 77, "\(taken.message)")
            let place = String(network.address.prefix { $0 != "#" })
            let second = try await network.trackerHome.fail("tracker", "--listen", place, "--store", home.path("second"))
            #expect(second.status == 73, "\(second.message)")
            #expect(second.message.contains("in use"))
            let stranger = try await home.run("identity", "show")
            let mistaken = try await home.fail(
                "peers", "--tracker", "\(place)#\(String(decoding: stranger.dropLast(), as: UTF8.self))")
            #expect(mistaken.status == 77, "\(mistaken.message)")
        }

        @Test("A module that is published can be run by name by somebody who has none, and a job waits for a volunteer")
        func publishedModule() async throws {
            let network = try await TestNetwork(volunteers: ["ann"])
            try await network.requester.run("module", "publish", "primes", "--unsigned")
            #expect(
                String(decoding: try await network.requester.run("modules", "--tracker", network.address), as: UTF8.self).contains("primes")
            )
            let other = try await TestHome(withModules: false)
            try await TestNetwork.signUp("other", home: other, address: network.address)
            #expect(try await other.run("run", "primes", "limit=1000") == Array("168\n".utf8))
            network.volunteers[0].send(SIGTERM)
            #expect(try await network.volunteers[0].finish() == 0, "\(network.volunteers[0].errors)")
            let waiting = try other.start("run", "primes", "limit=1000", "--timeout", "2s")
            #expect(try await waiting.finish() == 75, "\(waiting.errors)")
            #expect(waiting.errors.contains("no volunteer"))
        }
    }
}
