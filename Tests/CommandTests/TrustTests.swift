import Foundation
import Testing

extension CommandTests {
    /// Keys, signatures, and who believes in them.
    @Suite(.serialized) struct Trust {
        @Test("Trusted keys are listed, added, renamed and removed; what is no key is refused")
        func list() async throws {
            let home = try await TestHome(withModules: false)
            let key = String(decoding: try await home.run("module", "sign"), as: UTF8.self).split(separator: "\n")[0]
            try await home.run("module", "trust", String(key), "--name", "my own")
            let digest = String(repeating: "ab", count: 32)
            try await home.run("module", "trust", digest)
            let table = String(decoding: try await home.run("module", "trust"), as: UTF8.self)
            #expect(table.contains("\(key)  my own") && table.contains(digest), "\(table)")
            try await home.run("module", "trust", digest, "--remove")
            #expect(!String(decoding: try await home.run("module", "trust", "--json"), as: UTF8.self).contains(digest))
            #expect(try await home.fail("module", "trust", digest, "--remove").status == 66)
            // One character of the key is wrong: its check characters tell.
            let wrong = key.dropLast() + (key.hasSuffix("a") ? "b" : "a")
            #expect(try await home.fail("module", "trust", String(wrong)).status == 64)
            #expect(try await home.fail("module", "trust", "alice").message.contains("module inspect"))
        }

        @Test("A package can be signed, published and fetched; a volunteer that trusts runs it only once it trusts the publisher")
        func signedOverTheNetwork() async throws {
            let network = try await TestNetwork(volunteers: [])
            let package = network.requester.path("home/modules/primes-1.0.0.talkoot")
            let unsigned = try await network.requester.fail("module", "publish", package)
            #expect(unsigned.status == 77 && unsigned.message.contains("not signed"), "\(unsigned)")
            try await network.requester.run("module", "sign", package)
            try await network.requester.run("module", "publish", package)
            let publisher = String(decoding: try await network.requester.run("module", "sign"), as: UTF8.self).split(separator: "\n")[0]

            let volunteer = try await TestHome(withModules: false)
            try await TestNetwork.signUp("careful", home: volunteer, address: network.address)
            let refused = try await volunteer.fail("module", "fetch", "primes", "--trusted")
            #expect(refused.status == 77 && refused.message.contains("who is not trusted here"), "\(refused)")
            try await volunteer.run("module", "fetch", "primes@1.0.0")
            #expect(try await volunteer.fail("module", "fetch", "primes@9.0.0").status == 66)

            let before = try volunteer.start("volunteer", "--slots", "1", "--listen", "127.0.0.1:0", "--accept", "trusted")
            try await before.line(on: \.errors) { $0.contains("lending 1 slot") }
            let job = try network.requester.start("run", "primes", "limit=1e5", "--on", network.address, "--timeout", "3s")
            #expect(try await job.finish() == 75, "\(job.errors)")
            before.send(SIGTERM)
            _ = try await before.finish()

            try await volunteer.run("module", "trust", String(publisher), "--name", "the requester")
            let after = try volunteer.start("volunteer", "--slots", "1", "--listen", "127.0.0.1:0", "--accept", "trusted")
            defer { after.send(SIGKILL) }
            try await after.line(on: \.errors) { $0.contains("lending 1 slot") }
            #expect(try await network.requester.run("run", "primes", "limit=1e5", "--on", network.address) == Array("9592\n".utf8))
        }

        @Test("A yanked version is listed with its reason, and neither fetched nor run by name; by its digest it is")
        func yanked() async throws {
            let network = try await TestNetwork(volunteers: ["ann"])
            let author = network.requester
            try await author.run("module", "publish", "primes", "--unsigned")
            try await author.run("module", "yank", "primes@1.0.0", "--reason", "wrong above 2^32")
            let found = String(decoding: try await author.run("modules", "prim", "--tracker", network.address), as: UTF8.self)
            #expect(found.contains("yanked: wrong above 2^32"), "\(found)")
            let none = try await author.run("modules", "prim", "--publisher", "somebody", "--tracker", network.address)
            #expect(none.isEmpty)
            let other = try await TestHome(withModules: false)
            try await TestNetwork.signUp("other", home: other, address: network.address)
            for arguments in [["module", "fetch", "primes@1.0.0"], ["run", "primes", "limit=10"]] {
                let refused = try other.start(arguments)
                #expect(try await refused.finish() == 66)
                #expect(refused.errors.contains("yanked by requester") && refused.errors.contains("wrong above 2^32"), "\(refused.errors)")
            }
            // Who has it already is told for a new job, too, unless the very module is named.
            let own = try await author.fail("run", "primes", "limit=10", "--on", network.address)
            #expect(own.status == 66 && own.message.contains("ask for it by its digest"), "\(own)")
            let digest = try #require(own.message.split(whereSeparator: { !$0.isHexDigit }).first { $0.count == 64 })
            #expect(try await other.run("run", String(digest), "limit=1000") == Array("168\n".utf8))
            #expect(try await other.fail("module", "yank", "primes@1.0.0", "--undo").message.contains("belongs to requester"))
            try await author.run("module", "yank", "primes@1.0.0", "--undo")
            #expect(try await author.run("run", "primes", "limit=1000", "--on", network.address) == Array("168\n".utf8))
        }
    }
}
