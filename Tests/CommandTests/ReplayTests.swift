import Foundation
import Glibc
import Testing

extension CommandTests {
    @Suite struct Replays {
        /// A module that ends as its parameter says.
        private static let source = """
            #include <stdint.h>
            #include <sys/socket.h>
            #include <talkoot.h>

            static __attribute__((noinline)) int connect_home(void) { return socket(AF_INET, SOCK_STREAM, 0) + 1; }
            static volatile int *volatile nowhere = (volatile int *)8;
            static __attribute__((noinline)) void crash(void) { *nowhere = 1; }
            static volatile int never;

            static int32_t plan(const talkoot_host *host, uint64_t input_size, uint64_t *items)
            {
                (void)host, (void)input_size;
                *items = 3;
                return TALKOOT_OK;
            }

            static int32_t run(const talkoot_host *host, const talkoot_unit *unit)
            {
                if (unit->index == 1) {
                    switch (host->integer(host, "how")) {
                    case 1: return host->fail(host, "the well is dry");
                    case 2: crash(); break;
                    case 3: return connect_home();
                    case 4: while (!never) {} break;
                    }
                }
                return host->write(host, "fine\\n", 5);
            }

            static const talkoot_module module = {TALKOOT_ABI_VERSION, sizeof(talkoot_module), plan, run, 0, 0, 0};
            TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { return (void)host, &module; }
            """
        private static let manifest = """
            name: trouble
            version: 1.0.0
            summary: Ends as its parameter says.
            license: Apache-2.0
            parameters:
              how: {type: integer, default: 0, help: How it ends.}
            input: none
            output: {name: trouble.txt, media-type: text/plain}
            """

        /// A home with the module, packed once a test.
        private static func home() async throws -> TestHome {
            let home = try await TestHome(withModules: false)
            try FileManager.default.createDirectory(atPath: home.path("trouble/src"), withIntermediateDirectories: true)
            _ = try home.file("trouble/module.yaml", Array(manifest.utf8))
            _ = try home.file("trouble/src/trouble.c", Array(source.utf8))
            let pack = try home.start(
                ["module", "pack", home.path("trouble"), "--unsigned", "--output", home.directory],
                variables: ["TALKOOT_SDK": SampleModules.root])
            guard try await pack.finish() == 0 else { throw Failure(pack.errors) }
            try await home.run("module", "add", home.path("trouble-1.0.0.talkoot"))
            return home
        }

        /// Lets a job fail; the capsule that it names and the last line it printed.
        private static func fail(_ home: TestHome, how: Int) async throws -> (capsule: String, message: String) {
            let process = try home.start("run", "trouble", "how=\(how)", "--unit-size", "1", "--slots", "1")
            #expect(try await process.finish() == 1, "\(process.errors)")
            let lines = process.errors.split(separator: "\n")
            let line = try #require(lines.first { $0.hasPrefix("talkoot: replay it: talkoot replay ") }, "\(process.errors)")
            return (String(line.dropFirst("talkoot: replay it: talkoot replay ".count)), String(lines.last ?? ""))
        }

        private static func replay(_ home: TestHome, _ arguments: String...) async throws -> (status: Int32, text: String) {
            let process = try home.start(["replay"] + arguments)
            let status = try await process.finish()
            return (status, process.output + process.errors)
        }

        @Test("A failure, a crash and a forbidden call come back as they were; a line changed in the capsule shows")
        func verdicts() async throws {
            let home = try await Self.home()
            let words = [
                1: "failed: the well is dry", 2: "crashed by signal 11 in crash (module.so+0x",
                3: "stopped at the forbidden system call socket (41) in connect_home (module.so+0x",
            ]
            for (how, verdict) in words {
                let (capsule, message) = try await Self.fail(home, how: how)
                #expect(message.contains("unit 1 (item 1) of trouble 1.0.0 \(verdict)"), "\(message)")
                let same = try await Self.replay(home, capsule)
                #expect(same.status == 0)
                #expect(same.text.contains("now     \(verdict)") && same.text.contains("\nthe same verdict\n"), "\(same.text)")
                let changed = try String(contentsOfFile: capsule, encoding: .utf8)
                    .replacingOccurrences(of: "parameter how integer \(how)", with: "parameter how integer 0")
                let other = try await Self.replay(home, try home.file("changed", Array(changed.utf8)), "--json")
                #expect(other.status == 1)
                #expect(other.text.contains("\"now\":\"done\"") && other.text.contains("\"isSame\":false"), "\(other.text)")
            }
        }

        @Test("A unit that never ends meets the capsule's deadline again")
        func deadline() async throws {
            let home = try await Self.home()
            let (capsule, _) = try await Self.fail(home, how: 1)
            let changed = try String(contentsOfFile: capsule, encoding: .utf8)
                .replacingOccurrences(of: "parameter how integer 1", with: "parameter how integer 4")
                .replacingOccurrences(of: "wall-seconds 600.0", with: "wall-seconds 0.5")
                .replacingOccurrences(of: "verdict failed the well is dry", with: "verdict deadline 0.5")
            let (status, text) = try await Self.replay(home, try home.file("slow", Array(changed.utf8)))
            #expect(status == 0)
            #expect(text.contains("now     stopped after its limit of 0.5 s"), "\(text)")
        }

        @Test("A capsule is refused when it is not one, and asks for its module when that is not here")
        func refused() async throws {
            let home = try await Self.home()
            let (capsule, _) = try await Self.fail(home, how: 1)
            let stranger = try await TestHome(withModules: false)
            let absent = try await stranger.fail("replay", capsule)
            #expect(absent.status == 66 && absent.message.contains("--module"), "\(absent)")
            let given = try await Self.replay(stranger, capsule, "--module", home.path("trouble-1.0.0.talkoot"))
            #expect(given.status == 0, "\(given.text)")
            let wrong = try await stranger.fail("replay", try stranger.file("wrong", Array("talkoot-capsule 9\n\n".utf8)))
            #expect(wrong.status == 65 && wrong.message.contains("version 9"), "\(wrong)")
            let vast = try String(contentsOfFile: capsule, encoding: .utf8).replacingOccurrences(of: "\nunit 1\n", with: "\nunit 0\n")
                .replacingOccurrences(of: "items 3\nitems-per-unit 1\n", with: "items \(UInt64.max)\nitems-per-unit \(UInt64.max)\n")
            let odd = try await Self.replay(home, try home.file("vast", Array(vast.utf8)))
            #expect(odd.status == 1 && odd.text.contains("another verdict"), "\(odd.text)")
            let missing = try await stranger.fail("replay", "/nowhere/x")
            #expect(missing.status == 66)
        }

        @Test("Without confinement it runs only in gdb, after a warning and a yes")
        func debugger() async throws {
            let home = try await Self.home()
            let (capsule, _) = try await Self.fail(home, how: 2)
            let none = try await home.fail("replay", capsule, "--gdb", "--yes", variables: ["PATH": home.path("nowhere")])
            #expect(none.status == 66 && none.message.contains("apt install gdb"), "\(none)")
            guard Self.hasDebugger else { return }
            let unasked = try await home.fail("replay", capsule, "--gdb")
            #expect(unasked.status == 64 && unasked.message.contains("--yes"), "\(unasked)")
            let process = try home.start(["replay", capsule, "--gdb", "--yes"], input: "bt\nkill\nquit\n")
            #expect(try await process.finish() == 0, "\(process.errors)")
            #expect(process.errors.contains("WITHOUT CONFINEMENT"))
            #expect(process.output.contains("SIGSEGV") && process.output.contains("in crash ("), "\(process.output)\(process.errors)")
            let left = try FileManager.default.contentsOfDirectory(atPath: "/tmp").filter { $0.hasPrefix("talkoot-replay-") }
            #expect(left.isEmpty)
        }

        private static let hasDebugger = access("/usr/bin/gdb", X_OK) == 0
    }
}
