import Foundation
import Glibc
import Testing

extension CommandTests {
    @Suite(.enabled(if: RoutedNetwork.obstacle == nil, "\(RoutedNetwork.obstacle ?? "")")) struct Routers {
        private struct Peer: Decodable {
            var status: String
            var reach: String?
        }

        @Test("A requester and a volunteer behind two routers finish a job through the tracker's relay")
        func relayedJob() async throws {
            let network = try RoutedNetwork()
            let (trackerHome, volunteerHome, home) = (
                try await TestHome(withModules: false), try await TestHome(withModules: false), try await TestHome()
            )
            let tracker = try network.start(trackerHome, at: .publicHost, "tracker", "--listen", "0.0.0.0:7117", "--password-cost", "14")
            let identity = try await tracker.line { $0.contains("#tk1") }.drop { $0 != "#" }
            let address = "\(RoutedNetwork.publicAddress):7117\(identity)"
            for (home, place, name) in [(volunteerHome, RoutedNetwork.Place.firstHome, "ann"), (home, .secondHome, "bob")] {
                let secret = try home.file("secret", Array("correct horse\n".utf8))
                try await network.run(home, at: place, "signup", name, "--tracker", address, "--password-file", secret)
            }
            let volunteer = try network.start(volunteerHome, at: .firstHome, "volunteer", "--slots", "1")
            try await volunteer.line(on: \.errors) { $0.contains("requesters cannot dial this machine at 198.51.100.2:") }
            let listed = try await network.run(home, at: .secondHome, "peers", "--json")
            let peers = try JSONDecoder().decode([Peer].self, from: Data(listed.utf8))
            #expect(peers.map(\.reach) == ["relay"])
            #expect(try await network.run(home, at: .secondHome, "run", "primes", "limit=1e9") == "50847534\n")
            #expect(volunteer.errors.contains("(relayed)"), "\(volunteer.errors)")
            #expect(try await network.run(volunteerHome, at: .firstHome, "volunteer", "status").contains("--listen 0.0.0.0:"))
            #expect(tracker.errors.contains("circuit ended"))
            for process in [volunteer, tracker] { process.send(SIGTERM) }
            for process in [volunteer, tracker] { #expect(try await process.finish() == 0, "\(process.errors)") }
        }
    }
}
