import Foundation
import Glibc
import TalkootTesting
import Testing

extension CommandTests {
    @Suite struct LocalRuns {
        @Test("Primes below 1e6 and 1e9 are counted right with 1, 2 and 4 slots", arguments: [1, 2, 4])
        func primes(slots: Int) async throws {
            let home = try await TestHome()
            #expect(try await home.run("run", "primes", "limit=1e6", "--slots", "\(slots)") == Array("78498\n".utf8))
            #expect(try await home.run("run", "primes", "limit=1_000_000_000", "--slots", "\(slots)") == Array("50847534\n".utf8))
        }

        @Test("Words are counted as tr, sort and uniq count them, whatever the size of units")
        func wordcount() async throws {
            let home = try await TestHome()
            let text = "/usr/share/common-licenses/GPL-3"
            let expected = try await Self.pipeline(text, home: home)
            #expect(expected.count > 1000)
            for size in ["1", "7", nil] {
                let output = home.path("words-\(size ?? "default").csv")
                let process = try home.start(
                    ["run", "wordcount", "--input", text, "--output", output] + (size.map { ["--unit-size", $0] } ?? []))
                #expect(try await process.finish() == 0, "\(process.errors)")
                #expect(try Data(contentsOf: URL(fileURLWithPath: output)) == Data(expected), "units of \(size ?? "the default size")")
                #expect(process.outputBytes.isEmpty)
            }
        }

        @Test("Standard input is an input like any file")
        func standardInput() async throws {
            let home = try await TestHome()
            let output = try await home.run("run", "wordcount", "--input", "-", input: "The cat and the dog.\nAnd THE bird\n")
            #expect(String(decoding: output, as: UTF8.self) == "the,3\nand,2\nbird,1\ncat,1\ndog,1\n")
        }

        @Test("A picture is a valid PNG and the same for any unit size and number of slots")
        func mandelbrot() async throws {
            let home = try await TestHome()
            var pictures: [Data] = []
            for (number, flags) in [["--slots", "1"], ["--slots", "2", "--unit-size", "1"], ["--slots", "4", "--unit-size", "50"]]
                .enumerated()
            {
                let path = home.path("m\(number).png")
                let process = try home.start(["run", "mandelbrot", "width=320", "height=180", "--output", path] + flags)
                #expect(try await process.finish() == 0, "\(process.errors)")
                pictures.append(try Data(contentsOf: URL(fileURLWithPath: path)))
            }
            #expect(pictures[0] == pictures[1])
            #expect(pictures[0] == pictures[2])
            #expect(try await Self.checkPNG(home.path("m0.png"), home: home) == "320 180\n")
        }

        @Test("Binary output goes to standard output when that is no terminal")
        func binaryToPipe() async throws {
            let home = try await TestHome()
            let picture = try await home.run("run", "mandelbrot", "width=64", "height=48")
            #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        }

        @Test("A job is listed, described and its result printed again")
        func jobs() async throws {
            let home = try await TestHome()
            let report = try JSONDecoder().decode(Report.self, from: Data(try await home.run("run", "primes", "limit=1000", "--json")))
            #expect(report.text == "168\n")
            #expect(report.on == "local")
            let jobs = try JSONDecoder().decode([Job].self, from: Data(try await home.run("jobs", "--json")))
            #expect(jobs.map(\.job) == [report.job])
            #expect(jobs.map(\.state) == ["done"])
            #expect(try await home.run("result", "last") == Array("168\n".utf8))
            #expect(try await home.run("result", String(report.job.prefix(6))) == Array("168\n".utf8))
            _ = try await home.run("result", report.job, "--output", home.path("again.txt"))
            #expect(try String(contentsOfFile: home.path("again.txt"), encoding: .utf8) == "168\n")
            #expect(String(decoding: try await home.run("job", "last"), as: UTF8.self).contains("primes 1.0.0"))
        }

        @Test("A home's configuration, the environment and flags set the slots, the later over the former")
        func settings() async throws {
            let home = try await TestHome()
            _ = try home.file("home/config.yaml", Array("slots: 3\n".utf8))
            let fromFile = try home.start("run", "primes", "limit=1000")
            #expect(try await fromFile.finish() == 0)
            #expect(fromFile.errors.contains("3 slots"))
            let fromEnvironment = try home.start("run", "primes", "limit=1000", variables: ["TALKOOT_SLOTS": "2"])
            #expect(try await fromEnvironment.finish() == 0)
            #expect(fromEnvironment.errors.contains("2 slots"))
            let fromFlag = try home.start(["run", "primes", "limit=1000", "--slots", "1"], variables: ["TALKOOT_SLOTS": "2"])
            #expect(try await fromFlag.finish() == 0)
            #expect(fromFlag.errors.contains("1 slot"))
        }

        @Test("An ordinary user runs a job", .enabled(if: geteuid() == 0))
        func ordinaryUser() async throws {
            let home = try await TestHome()
            let drop = ["--reuid", "61000", "--regid", "61000", "--clear-groups", "--"]
            for path in [home.directory, home.path("home")]
                + (try FileManager.default.subpathsOfDirectory(atPath: home.path("home"))).map({
                    home.path("home/" + $0)
                })
            {
                chown(path, 61000, 61000)
            }
            let talkoot = try BuiltProduct.path("talkoot")
            try #require(Self.canBeReached(talkoot), "another user cannot reach \(talkoot)")
            let process = try CommandProcess(
                "setpriv", drop + [talkoot, "run", "primes", "limit=1e7", "--slots", "2"], environment: home.environment)
            #expect(try await process.finish() == 0, "\(process.errors)")
            #expect(process.output == "664579\n")
        }

        private struct Report: Decodable {
            var job: String
            var text: String?
            var on: String
        }

        private struct Job: Decodable {
            var job: String
            var state: String
        }

        /// The same count by programs that share nothing with this one.
        static func pipeline(_ path: String, home: TestHome) async throws -> [UInt8] {
            let script = """
                tr A-Z a-z < "$1" | tr -cs a-z '\\n' | grep . | sort | uniq -c | sort -k1,1nr -k2,2 | awk '{print $2 "," $1}'
                """
            let process = try CommandProcess("sh", ["-c", script, "sh", path], environment: home.environment)
            guard try await process.finish() == 0 else { throw Failure(process.errors) }
            return process.outputBytes
        }

        /// Checks every chunk and every line of a PNG with Python; gives `WIDTH HEIGHT`.
        static func checkPNG(_ path: String, home: TestHome) async throws -> String {
            let script = """
                import struct, sys, zlib
                data = open(sys.argv[1], "rb").read()
                assert data[:8] == b"\\x89PNG\\r\\n\\x1a\\n", "signature"
                place, kinds, body = 8, [], b""
                while place < len(data):
                    length, kind = struct.unpack(">I4s", data[place:place + 8])
                    content = data[place + 8:place + 8 + length]
                    (crc,) = struct.unpack(">I", data[place + 8 + length:place + 12 + length])
                    assert zlib.crc32(kind + content) == crc, kind
                    kinds.append(kind)
                    if kind == b"IHDR": width, height, depth, colour = struct.unpack(">IIBB", content[:10])
                    if kind == b"IDAT": body += content
                    place += 12 + length
                assert kinds[0] == b"IHDR" and kinds[-1] == b"IEND", kinds
                assert (depth, colour) == (8, 2), (depth, colour)
                lines = zlib.decompress(body)
                assert len(lines) == height * (1 + 3 * width), len(lines)
                assert all(lines[line * (1 + 3 * width)] <= 4 for line in range(height)), "filters"
                print(width, height)
                """
            let process = try CommandProcess("python3", ["-c", script, path], environment: home.environment)
            guard try await process.finish() == 0 else { throw Failure(process.errors) }
            return process.output
        }

        private static func canBeReached(_ path: String) -> Bool {
            var folder = path
            while let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
                folder = String(folder[..<slash])
                var status = stat()
                guard stat(folder, &status) == 0, status.st_mode & 0o005 == 0o005 else { return false }
            }
            return true
        }
    }
}
