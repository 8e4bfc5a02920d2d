import Foundation
import Glibc
import TalkootTesting
import Testing

/// The sample modules as their users run them, in cells on this machine, for three sizes of unit each, beside programs that share nothing with them.
extension CommandTests {
    @Suite struct ModuleRuns {
        @Test(
            "Queens are counted as in OEIS A000170",
            arguments: [(1, 1), (2, 0), (6, 4), (9, 352), (13, 73712)])
        func queens(_ side: Int, _ count: Int) async throws {
            let output = try await Self.output(of: ["nqueens", "n=\(side)"], unitSizes: ["1", "97", nil])
            #expect(output == "\(count)\n")
        }

        @Test("Primes are counted as primesieve counts them", .enabled(if: Program.isHere("primesieve"), "there is no primesieve"))
        func primes() async throws {
            let limit = Int.random(in: 50_000_000...300_000_000)
            print("limit \(limit)")
            let output = try await Self.output(of: ["primes", "limit=\(limit)"], unitSizes: ["3", "40", nil])
            #expect(output == (try await Program.output("primesieve", ["\(limit - 1)", "-c", "-q"])))
        }

        @Test("The exponents of Mersenne primes up to 11213 are found, and none beside them")
        func mersenne() async throws {
            for (first, last, found) in [
                (2, 700, [2, 3, 5, 7, 13, 17, 19, 31, 61, 89, 107, 127, 521, 607]), (1270, 1290, [1279]), (2200, 2210, [2203]),
                (2275, 2285, [2281]), (3210, 3220, [3217]), (4250, 4260, [4253]), (4420, 4425, [4423]), (9685, 9690, [9689]),
                (9940, 9942, [9941]), (11212, 11214, [11213]),
            ] {
                let output = try await Self.output(
                    of: ["lucas-lehmer", "first=\(first)", "last=\(last)"], unitSizes: first == 2 ? ["1", "50", nil] : [nil])
                #expect(output == found.map { "\($0)\n" }.joined())
            }
        }

        @Test(
            "The residues of Lucas and Lehmer's test are those that PARI finds",
            .enabled(if: Program.isHere("gp"), "there is no gp of PARI"))
        func residues() async throws {
            let output = try await Self.output(of: ["lucas-lehmer", "first=60", "last=900", "details=true"], unitSizes: ["1", "7", nil])
            var program = "step(p) = { my(s = Mod(4, 2^p - 1)); for (i = 3, p, s = s^2 - 2); lift(s) };\n"
            program += "hex(n) = Strchr([if (d < 10, 48 + d, 87 + d) | d <- digits(n + 16^16, 16)[2..17]]);\n"
            var lines: [Substring] = []
            for line in output.split(separator: "\n") {
                let words = line.split(separator: " ")
                lines.append(line)
                switch words[1] {
                case "prime": program += "print(\(words[0]), if (step(\(words[0])) == 0, \" prime\", \" other\"));\n"
                case "factor":
                    program += "print(\(words[0]), if ((2^\(words[0]) - 1) % \(words[2]) == 0, \" factor \(words[2])\", \" other\"));\n"
                default: program += "print(\(words[0]), \" residue \", hex(step(\(words[0])) % 2^64));\n"
                }
            }
            #expect(lines.count > 100 && lines.contains { $0.contains("residue") })
            #expect(output == (try await Program.output("gp", ["-q", "-f"], input: program)))
        }

        @Test("An option's price is within four standard errors of the closed form, and the same to the last digit for any size of unit")
        func montecarlo() async throws {
            let market = ["spot=100", "strike=105", "rate=0.03", "volatility=0.25", "years=1.5", "paths=2_000_000"]
            for (kind, put, steps) in [("european", false, 1), ("european", true, 3), ("geometric", false, 6)] {
                let output = try await Self.output(
                    of: ["montecarlo", "kind=\(kind)", "put=\(put)", "steps=\(steps)"] + market, unitSizes: ["1", "7", nil])
                let words = output.split(whereSeparator: \.isWhitespace)
                let (price, error) = (try #require(Double(words[1])), try #require(Double(words[3])))
                let known = ClosedForm(spot: 100, strike: 105, rate: 0.03, volatility: 0.25, years: 1.5, isPut: put)
                    .price(steps: kind == "european" ? nil : steps)
                #expect(abs(price - known) < 4 * error && error < 0.03, "\(output), \(known)")
                #expect(words[5] == "2000000")
            }
        }

        @Test(
            "A market whose prices would not fit is refused with the reason",
            arguments: [
                (["volatility=2", "years=9"], "volatility"), (["rate=1", "years=4"], "rate"), (["spot=0.01", "strike=1e5"], "strike"),
            ])
        func wildMarkets(_ market: [String], _ reason: String) async throws {
            let home = try await TestHome()
            let process = try home.start(["run", "montecarlo"] + market)
            #expect(try await process.finish() != 0)
            #expect(process.errors.contains(reason), "\(process.errors)")
        }

        @Test("A compressed file is what it was after zstd -d", .enabled(if: Program.isHere("zstd"), "there is no zstd"))
        func zstd() async throws {
            let home = try await TestHome()
            let content = Self.text(bytes: 5_000_000)
            let path = try home.file("plain", content)
            var packed: [[UInt8]] = []
            for size in ["1", "2", nil] {
                packed.append(try await home.run(["run", "zstd", "--input", path] + (size.map { ["--unit-size", $0] } ?? [])))
            }
            #expect(packed[0] == packed[1] && packed[1] == packed[2])
            let file = try home.file("packed.zst", packed[0])
            #expect(try await Program.bytes("zstd", ["-dcq", file]) == content)
            let reference = try await Program.bytes("zstd", ["-3cq", path])
            #expect(Double(packed[0].count) < 1.1 * Double(reference.count))
        }

        @Test(
            "Lines are found as grep -E finds them",
            arguments: ["the", "^[A-Z ]+$", "licen[cs]e.*(copy|work)", "(of|to) the .{3,5} |^$"])
        func grep(_ pattern: String) async throws {
            let text = "/usr/share/common-licenses/GPL-3"
            let lines = try await Program.output("grep", ["-E", pattern, text])
            #expect(
                try await Self.output(of: ["grep", "pattern=\(pattern)", "print=true", "--input", text], unitSizes: ["1", "50", nil])
                    == lines)
            let count = try await Program.output("sh", ["-c", "grep -vciE \"$1\" \"$2\"; true", "sh", pattern, text])
            #expect(
                try await Self.output(
                    of: ["grep", "pattern=\(pattern)", "ignore-case=true", "invert=true", "--input", text], unitSizes: ["1", "50", nil])
                    == count)
        }

        @Test("Proteins have the scores that EMBOSS water gives them", .enabled(if: Program.isHere("water"), "there is no EMBOSS"))
        func align() async throws {
            let home = try await TestHome()
            let proteins = Proteins()
            let query = try home.file("query.fasta", Array(">query\n\(proteins.query)\n".utf8))
            let fasta = try home.file("proteins.fasta", Array(proteins.fasta.utf8))
            let output = try await Self.output(
                of: ["align", "query=\(proteins.query)", "gap-open=11", "gap-extend=2", "top=1000", "--input", fasta],
                unitSizes: ["1", "10", nil])
            let scores = home.path("scores")
            _ = try await Program.output(
                "water",
                ["-asequence", query, "-bsequence", fasta, "-gapopen", "11", "-gapextend", "2", "-aformat", "score", "-outfile", scores])
            var known: [String: Int] = [:]
            for line in try String(contentsOfFile: scores, encoding: .utf8).split(separator: "\n") where line.hasPrefix("query") {
                let words = line.split { " ()".contains($0) }
                known[String(words[1])] = Double(words[3]).map { Int($0) }
            }
            var ours: [String: Int] = [:]
            for line in output.split(separator: "\n").dropFirst() {
                let words = line.split(separator: "\t")
                ours[String(words[2])] = Int(words[0])
            }
            #expect(ours == known && ours.count == proteins.count)
        }

        @Test("A product of matrices is the one that numpy finds, but for rounding", .enabled(if: Program.hasNumpy, "there is no numpy"))
        func matmul() async throws {
            let home = try await TestHome()
            var products: [[UInt8]] = []
            for size in ["1", "3", nil] {
                products.append(try await home.run(["run", "matmul", "size=200"] + (size.map { ["--unit-size", $0] } ?? [])))
            }
            #expect(products[0] == products[1] && products[1] == products[2])
            let script = """
                import numpy, sys
                def matrix(which):
                    row, column = numpy.indices((200, 200)).astype(numpy.uint64)
                    bits = numpy.uint64((2 + which) * 0xD1342543DE82EF95 % 2**64) + (row << 32 | column) * numpy.uint64(0x9E3779B97F4A7C15)
                    bits = (bits ^ bits >> 30) * numpy.uint64(0xBF58476D1CE4E5B9)
                    bits = (bits ^ bits >> 27) * numpy.uint64(0x94D049BB133111EB)
                    return ((bits ^ bits >> 31) >> 11).astype(float) * 2.0**-52 - 1
                product = numpy.fromfile(sys.argv[1]).reshape(200, 200)
                print(numpy.allclose(product, matrix(0) @ matrix(1), rtol=0, atol=1e-12))
                """
            let file = try home.file("product.f64", products[0])
            #expect(try await Program.output("python3", ["-c", script, file]) == "True\n")
        }

        @Test("Through tracker and volunteers each module gives what it gives on this machine, for three sizes of unit, and it is verified")
        func throughVolunteers() async throws {
            let network = try await TestNetwork(volunteers: ["ann", "ben"])
            let text = "/usr/share/common-licenses/GPL-3"
            let proteins = Proteins()
            let fasta = try network.requester.file("proteins.fasta", Array(proteins.fasta.utf8))
            let jobs: [(words: [String], sizes: [String?])] = [
                (["primes", "limit=3e7"], ["3", "40", nil]), (["mandelbrot", "width=160", "height=100"], ["7", "33", nil]),
                (["nqueens", "n=10"], ["5", "97", nil]), (["lucas-lehmer", "first=60", "last=500"], ["7", "50", nil]),
                (["montecarlo", "paths=500_000"], ["1", "7", nil]), (["zstd", "--input", text], ["1", "2", nil]),
                (["grep", "pattern=the", "print=true", "--input", text], ["50", "200", nil]),
                (["align", "query=\(proteins.query)", "--input", fasta], ["17", "60", nil]),
                (["matmul", "size=100"], ["9", "30", nil]), (["wordcount", "--input", text], ["20", "300", nil]),
            ]
            for (words, sizes) in jobs {
                let here = try await network.requester.run(["run"] + words + ["--on", "local"])
                #expect(!here.isEmpty)
                for size in sizes {
                    let job = ["run"] + words + (size.map { ["--unit-size", $0] } ?? []) + ["--on", network.address]
                    let there = try network.requester.start(job)
                    #expect(try await there.finish(within: 120) == 0, "\(there.title): \(there.errors)")
                    #expect(there.outputBytes == here && there.errors.contains("verified (audit)"), "\(there.title): \(there.errors)")
                }
            }
        }

        /// What a job prints, which must be the same for each size of unit.
        static func output(of words: [String], unitSizes: [String?]) async throws -> String {
            let home = try await TestHome()
            var outputs: [[UInt8]] = []
            for size in unitSizes {
                outputs.append(try await home.run(["run"] + words + (size.map { ["--unit-size", $0] } ?? [])))
            }
            for (size, output) in zip(unitSizes, outputs) {
                #expect(output == outputs[0], "\(words.joined(separator: " ")) in units of \(size ?? "the default size")")
            }
            return String(decoding: outputs[0], as: UTF8.self)
        }

        /// Words of a small language, so that there is something to compress.
        private static func text(bytes: Int) -> [UInt8] {
            var random = SystemRandomNumberGenerator()
            let words = (0..<500).map { _ in (0..<Int.random(in: 2...9)).map { _ in UInt8.random(in: 97...122, using: &random) } + [32] }
            var text: [UInt8] = []
            text.reserveCapacity(bytes + 16)
            while text.count < bytes { text += words[Int.random(in: 0..<words.count, using: &random)] }
            return text
        }
    }
}
