import Foundation
import Glibc
import Testing

extension CommandTests {
    @Suite struct BadInput {
        @Test("An unknown module is not found, with the name that was probably meant")
        func unknownModule() async throws {
            let home = try await TestHome()
            try await expect(home, 66, ["no module primez", "did you mean primes?"], "run", "primez")
            try await expect(home, 66, ["no module sudoku", "mandelbrot@1.1.0"], "run", "sudoku")
            try await expect(home, 66, ["nothing.talkoot"], "run", "./nothing.talkoot")
        }

        @Test("A bad parameter is a usage error that names it, its type and its range")
        func parameters() async throws {
            let home = try await TestHome()
            try await expect(home, 64, ["primes has no parameter limmit", "limit"], "run", "primes", "limmit=5")
            try await expect(home, 64, ["limit=many is not a whole number"], "run", "primes", "limit=many")
            try await expect(home, 64, ["limit=1 is out of range", "at least 2"], "run", "primes", "limit=1")
            try await expect(home, 64, ["limit is no parameter", "NAME=VALUE"], "run", "primes", "limit")
            try await expect(home, 64, ["given twice"], "run", "primes", "limit=5", "limit=6")
            try await expect(home, 64, ["--slots 0", "1 to"], "run", "primes", "--slots", "0")
            try await expect(home, 64, ["--unit-size none"], "run", "primes", "--unit-size", "none")
            try await expect(home, 64, ["--min-level 3"], "run", "primes", "--min-level", "3")
            try await expect(home, 64, ["--cpu-limit 0%", "1% to"], "volunteer", "--cpu-limit", "0%")
        }

        @Test("A missing, unwanted or unreadable input is told apart")
        func input() async throws {
            let home = try await TestHome()
            try await expect(home, 64, ["wordcount reads an input", "--input FILE"], "run", "wordcount")
            try await expect(home, 64, ["primes reads no input"], "run", "primes", "--input", "/etc/hostname")
            try await expect(home, 66, ["there is no file /nowhere"], "run", "wordcount", "--input", "/nowhere")
            try await expect(home, 65, ["is a directory"], "run", "wordcount", "--input", home.directory)
        }

        @Test("An input that the user may not read is refused", .enabled(if: geteuid() != 0))
        func unreadable() async throws {
            let home = try await TestHome()
            let file = try home.file("secret", Array("words\n".utf8))
            chmod(file, 0)
            try await expect(home, 77, ["may not be read"], "run", "wordcount", "--input", file)
        }

        @Test("An output that cannot be made is found before the work")
        func output() async throws {
            let home = try await TestHome()
            try await expect(home, 73, ["no directory", "--output"], "run", "primes", "--output", home.path("none/x.txt"))
            try await expect(home, 73, ["is a directory"], "run", "primes", "--output", home.directory)
            // /proc takes no new files, from root neither.
            try await expect(home, 73, ["/proc"], "run", "primes", "--output", "/proc/primes.txt")
            #expect(String(decoding: try await home.run("jobs", "--json"), as: UTF8.self) == "[]\n")
        }

        @Test("A corrupt package is bad data")
        func corruptModule() async throws {
            let home = try await TestHome()
            let modules = home.path("home/modules")
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: modules).first { $0.hasPrefix("primes") })
            var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: modules + "/" + name)))
            bytes[bytes.count / 2] ^= 0xFF
            let corrupt = try home.file("corrupt.talkoot", bytes)
            let cut = try home.file("cut.talkoot", Array(bytes.prefix(700)))
            let text = try home.file("text.talkoot", Array("hello".utf8))
            for file in [corrupt, cut, text] {
                try await expect(home, 65, ["talkoot: "], "run", file)
                try await expect(home, 65, ["talkoot: "], "module", "add", file)
            }
        }

        @Test("A job that is not there, cancelled or done says so")
        func jobs() async throws {
            let home = try await TestHome()
            try await expect(home, 66, ["there is no job"], "job", "last")
            try await expect(home, 66, ["there is no job ffff"], "resume", "ffff")
            try await home.run("run", "primes", "limit=1000")
            try await expect(home, 64, ["is done already"], "cancel", "last")
        }

        @Test("A tracker that is not there is unreachable; without a login there is nothing to use")
        func trackerDown() async throws {
            let home = try await TestHome()
            let secret = try home.file("secret", Array("swordfish\n".utf8))
            try await expect(
                home, 69, ["127.0.0.1:1", "talkoot tracker"], "login", "ann", "--tracker", "127.0.0.1:1", "--password-file", secret)
            try await expect(home, 77, ["not logged in at 127.0.0.1:1"], "run", "primes", "--on", "127.0.0.1:1")
            try await expect(home, 64, ["no tracker is named"], "peers")
            try await expect(home, 64, ["is no tracker's address"], "run", "primes", "--on", "not a host")
            try await expect(home, 64, ["no terminal", "--password-file"], "login", "ann", "--tracker", "127.0.0.1:1", isAlone: true)
        }

        @Test("A configuration that is no YAML, or has a wrong value, names the file")
        func configuration() async throws {
            let home = try await TestHome()
            _ = try home.file("home/config.yaml", Array("slots: many\n".utf8))
            try await expect(home, 64, ["slots: many in", "config.yaml"], "run", "primes")
            _ = try home.file("home/config.yaml", Array("slots: [\n".utf8))
            try await expect(home, 65, ["config.yaml"], "run", "primes")
        }

        @Test("A full disk fails the job with what to do, and nothing is left that looks like a result", .enabled(if: geteuid() == 0))
        func fullDisk() async throws {
            let home = try await TestHome()
            let script = """
                mount -t tmpfs -o size=256k none "$TALKOOT_HOME/jobs" && exec "$@"
                """
            try FileManager.default.createDirectory(atPath: home.path("home/jobs"), withIntermediateDirectories: true)
            let process = try CommandProcess(
                "unshare",
                [
                    "-m", "--propagation", "private", "sh", "-c", script, "sh", try home.program(), "run", "mandelbrot", "width=1500",
                    "height=1000", "--output", home.path("m.png"),
                ],
                environment: home.environment)
            #expect(try await process.finish() == 74, "\(process.errors)")
            let last = process.errors.split(separator: "\n").last ?? ""
            #expect(last.contains("full") || last.contains("space"), "\(process.errors)")
            #expect(!FileManager.default.fileExists(atPath: home.path("m.png")))
        }

        /// One line with these words, and this status. `isAlone` runs it without a terminal to ask on.
        private func expect(
            _ home: TestHome, _ status: Int32, _ words: [String], _ arguments: String..., isAlone: Bool = false,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let program = try home.program()
            let process =
                isAlone
                ? try CommandProcess("setsid", ["-w", program] + arguments, environment: home.environment) : try home.start(arguments)
            let ended = try await process.finish()
            #expect(ended == status, "\(process.title): \(process.errors)", sourceLocation: sourceLocation)
            #expect(process.errors.split(separator: "\n").count == 1, "\(process.errors)", sourceLocation: sourceLocation)
            for word in words { #expect(process.errors.contains(word), "\(process.errors)", sourceLocation: sourceLocation) }
            #expect(process.outputBytes.isEmpty, sourceLocation: sourceLocation)
        }
    }
}
