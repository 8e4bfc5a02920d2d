import Foundation
import Glibc
import Testing

/// A tracker with volunteers and a requester's home, every one a process of its own.
final class TestNetwork: Sendable {
    /// The tracker's home.
    let trackerHome: TestHome
    /// The tracker.
    let tracker: CommandProcess
    /// `127.0.0.1:PORT#tk1…`.
    let address: String
    /// The requester's home, logged in.
    let requester: TestHome
    /// The volunteers, with a slot each.
    let volunteers: [CommandProcess]
    /// Their homes.
    let volunteerHomes: [TestHome]

    /// Starts everything; returns when the tracker lists all volunteers as active.
    init(volunteers names: [String]) async throws {
        trackerHome = try await TestHome(withModules: false)
        tracker = try trackerHome.start("tracker", "--listen", "127.0.0.1:0", "--password-cost", "14")
        address = try await tracker.line { $0.hasPrefix("127.0.0.1:") }
        requester = try await TestHome()
        try await Self.signUp("requester", home: requester, address: address)
        var homes: [TestHome] = []
        var processes: [CommandProcess] = []
        for name in names {
            let home = try await TestHome(withModules: false)
            try await Self.signUp(name, home: home, address: address)
            let process = try home.start("volunteer", "--slots", "1", "--listen", "127.0.0.1:0")
            homes.append(home)
            processes.append(process)
        }
        for process in processes { try await process.line(on: \.errors) { $0.contains("lending 1 slot") } }
        (volunteerHomes, volunteers) = (homes, processes)
        try await waitForActive(names.count)
    }

    /// Waits until the tracker lists so many volunteers as active.
    func waitForActive(_ count: Int) async throws {
        try await until("\(count) volunteers are active") {
            let peers = try JSONDecoder().decode([Peer].self, from: Data(try await self.requester.run("peers", "--json")))
            return peers.filter { $0.status == "active" }.count == count
        }
    }

    deinit {
        for process in volunteers + [tracker] { process.send(SIGKILL) }
    }

    private struct Peer: Decodable { var status: String }

    static func signUp(_ name: String, home: TestHome, address: String) async throws {
        let secret = try home.file("secret", Array("correct horse \(name)\n".utf8))
        try await home.run("signup", name, "--tracker", address, "--password-file", secret)
    }
}

/// Asks again until it holds; each question is a process of its own, so there is no need to wait in between.
func until(_ what: String, within seconds: Double = 60, _ holds: () async throws -> Bool) async throws {
    let end = Date(timeIntervalSinceNow: seconds)
    while try await !holds() {
        guard Date() < end else { throw Failure("it did not come about in \(seconds) s that \(what)") }
    }
}

/// A job as `talkoot job --json` tells it.
struct JobState: Decodable {
    var job: String
    var state: String
    var units: UInt64
    var unitsDone: UInt64?

    /// The newest job of a home; `nil` before there is one.
    static func last(in home: TestHome) async throws -> JobState? {
        let process = try home.start("job", "last", "--json")
        guard try await process.finish() == 0 else { return nil }
        return try JSONDecoder().decode(JobState.self, from: process.outputBytes.isEmpty ? Data("{}".utf8) : Data(process.outputBytes))
    }

    /// Waits until that part of the newest job's units is done.
    static func reach(_ part: Double, in home: TestHome) async throws {
        try await until("\(part) of the job is done", within: 120) {
            guard let job = try await last(in: home), let done = job.unitsDone, job.state == "running" else { return false }
            return done > 0 && Double(done) >= part * Double(job.units)
        }
    }
}
