import Foundation
import Glibc
import TalkootTesting
import Testing

extension CommandTests {
    /// Machines that lack something: the program is run under a filter that answers as they would, or where a limit is used up.
    @Suite struct Levels {
        /// A machine, what its level is, and the layer that is missing with the words of its reason and remedy.
        struct Lack: Sendable, CustomTestStringConvertible {
            var what: String
            var level: Int
            var layer: String
            var reason: String
            /// For root and for an ordinary user.
            var remedies: (root: String, user: String)
            var testDescription: String { what }
        }

        static let lacks: [Lack] = [
            Lack(
                what: "namespaces", level: 2, layer: "namespaces", reason: "making a process in new namespaces: Operation not permitted",
                remedies: ("CAP_SYS_ADMIN", "unprivileged_userns_clone")),
            Lack(
                what: "mount", level: 2, layer: "namespaces", reason: "mounting an empty root: Operation not permitted",
                remedies: ("CAP_SYS_ADMIN", "/etc/apparmor.d/talkoot")),
            Lack(
                what: "landlock", level: 1, layer: "landlock", reason: "Landlock: Operation not permitted",
                remedies: ("seccomp profile", "seccomp profile")),
            Lack(
                what: "namespaces,landlock", level: 1, layer: "landlock", reason: "Landlock: Operation not permitted",
                remedies: ("seccomp profile", "seccomp profile")),
            Lack(
                what: "seccomp", level: 0, layer: "system call filter", reason: "the system call filter: Invalid argument",
                remedies: ("CONFIG_SECCOMP_FILTER", "CONFIG_SECCOMP_FILTER")),
        ]

        private struct Findings: Decodable {
            struct Line: Decodable {
                var name: String
                var ok: Bool
                var detail: String
                var remedy: String?
            }
            var level: Int
            var layers: [Line]
        }

        /// Runs a program as this user or as an ordinary one, in a home that anybody may write to.
        private func run(_ command: [String], asUser: Bool, home: TestHome) async throws -> (status: Int32, process: CommandProcess) {
            for path in [home.directory, home.directory + "/home"] { chmod(path, 0o777) }
            let isRoot = geteuid() == 0
            let user = asUser && isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] : []
            let words = user + command
            let process = try CommandProcess(words[0], Array(words.dropFirst()), environment: home.environment)
            return (try await process.finish(), process)
        }

        private func findings(_ process: CommandProcess) throws -> Findings {
            try JSONDecoder().decode(Findings.self, from: Data(process.outputBytes))
        }

        @Test("A layer that is taken away lowers the level, and is named with its reason and remedy", arguments: lacks, [false, true])
        func missing(lack: Lack, asUser: Bool) async throws {
            let home = try await TestHome(withModules: false)
            let without = try await Without.path()
            let (status, process) = try await run(
                [without, lack.what, home.program(), "doctor", "--json"], asUser: asUser, home: home)
            #expect(status == (lack.level == 0 ? 77 : 0), "\(process.errors)")
            let found = try findings(process)
            #expect(found.level == lack.level)
            let layer = try #require(found.layers.first { $0.name == lack.layer })
            #expect(!layer.ok)
            #expect(layer.detail == lack.reason)
            let isRoot = geteuid() == 0 && !asUser
            let remedy = try #require(layer.remedy)
            #expect(remedy.contains(isRoot ? lack.remedies.root : lack.remedies.user), "\(remedy)")
            // Nothing else is missing but what comes with it.
            let others = Set(found.layers.filter { !$0.ok && $0.name != lack.layer }.map(\.name)).subtracting(["control groups"])
            let expected: Set = lack.what.contains("namespaces") || lack.what == "mount" ? ["own user", "namespaces"] : []
            #expect(others.isSubset(of: expected))
        }

        @Test("Root that cannot become another user runs nothing", .enabled(if: geteuid() == 0, "only root becomes another user"))
        func identity() async throws {
            let home = try await TestHome(withModules: false)
            let (status, process) = try await run(
                [Without.path(), "identity", home.program(), "doctor", "--json"], asUser: false, home: home)
            #expect(status == 77)
            let found = try findings(process)
            #expect(found.level == 0)
            #expect(found.layers.first { $0.name == "own user" }?.detail == "becoming another user: Operation not permitted")
        }

        @Test("User namespaces that are used up: level 2, and the limit to raise", arguments: [false, true])
        func usedUp(asUser: Bool) async throws {
            let home = try await TestHome(withModules: false)
            let script = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\" doctor --json"
            // Root in there is root of nothing else: an ordinary user.
            let (status, process) = try await run(
                ["unshare", "--user", "--map-root-user", "sh", "-c", script, home.program()], asUser: asUser, home: home)
            #expect(status == 0, "\(process.errors)")
            let found = try findings(process)
            #expect(found.level == 2)
            let layer = try #require(found.layers.first { $0.name == "namespaces" })
            #expect(layer.detail == "making a process in new namespaces: No space left on device")
            #expect(layer.remedy?.contains("user.max_user_namespaces") == true)
        }

        @Test("In a user namespace with one user all layers hold, as an ordinary user's")
        func rootOfOneUser() async throws {
            let home = try await TestHome(withModules: false)
            let (status, process) = try await run(
                ["unshare", "--user", "--map-root-user", home.program(), "doctor", "--json"], asUser: true, home: home)
            #expect(status == 0, "\(process.errors)")
            #expect(try findings(process).level == 4)
        }

        @Test("At level 0 nothing runs: exit status 77, with the layer and what to do", arguments: [["run", "primes"], ["volunteer"]])
        func refusal(command: [String]) async throws {
            let home = try await TestHome()
            let (status, process) = try await run([Without.path(), "seccomp", home.program()] + command, asUser: false, home: home)
            #expect(status == 77)
            #expect(process.errors.contains("system call filter"))
            #expect(process.errors.contains("CONFIG_SECCOMP_FILTER"))
        }

        @Test("A machine below the least level refuses with status 77, and runs when less will do")
        func minimum() async throws {
            let home = try await TestHome()
            let without = [try await Without.path(), "namespaces", try home.program()]
            for command in [["run", "primes", "limit=100", "--min-level", "4"], ["volunteer", "--min-level", "4"]] {
                let (status, process) = try await run(without + command, asUser: false, home: home)
                #expect(status == 77)
                #expect(process.errors.contains("at level 2, below the minimum of 4"), "\(process.errors)")
            }
            let (status, process) = try await run(
                without + ["run", "primes", "limit=100", "--min-level", "2"], asUser: false, home: home)
            #expect(status == 0, "\(process.errors)")
            #expect(process.output == "25\n")
        }
    }
}

/// The program that takes layers away, compiled once.
private enum Without {
    private static let compiling = Task { try await compile() }

    static func path() async throws -> String { try await compiling.value }

    private static func compile() async throws -> String {
        var name = Array("/tmp/talkoot-without-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw Failure("no temporary directory") }
        let directory = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Programs/without.c").path
        let process = try CommandProcess(
            "cc", ["-O1", "-o", directory + "/without", source], environment: ProcessInfo.processInfo.environment)
        guard try await process.finish() == 0 else { throw Failure(process.errors) }
        chmod(directory, 0o755)
        SampleModules.removeAtExit(directory)
        return directory + "/without"
    }
}
