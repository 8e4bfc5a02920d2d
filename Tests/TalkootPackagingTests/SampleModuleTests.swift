import Foundation
import TalkootCore
import Testing

@testable import TalkootPackaging

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Test(
    "Each sample in a module's manifest comes out as it says, at every level and for several sizes of unit",
    arguments: SampleModule.named.keys.sorted())
func manifestSamples(_ name: String) throws {
    let scratch = try Scratch()
    let sample = try #require(SampleModule.named[name]).get()
    #expect(!sample.manifest.samples.isEmpty)
    for each in sample.manifest.samples {
        let input = try each.input.map { try scratch.write("input", $0) }
        for library in sample.runnable {
            for size: UInt64 in [1, 3, 1000] {
                let output = try sample.run(each.parameters, itemsPerUnit: size, input: input, library: library)
                if let known = each.output { #expect(text(output) == known) }
                if let digest = each.outputDigest { #expect(Hashing.sha256(output) == digest, "\(library) \(size)") }
            }
        }
    }
}

@Test("The sample modules need the C library only")
func sampleNeeds() throws {
    for module in try SampleModule.named.values.map({ try $0.get() }) {
        for library in module.libraries {
            let report = AdmissionReport.examine(try bytes(of: library), platform: HostPlatform.current.baseline)
            #expect(report.isAdmitted && Set(report.needed).isSubset(of: ["libc.so.6", "libm.so.6"]), "\(report.lines)")
        }
    }
}

@Test(
    "The primes below a limit are counted right, however the numbers are split",
    arguments: [
        (2, 0), (3, 1), (4, 2), (6, 3), (7, 3), (8, 4), (29, 9), (30, 10), (32, 11), (90, 24), (5329, 705), (5330, 705), (100_000, 9592),
        (1_000_000, 78498),
        (1_966_080, 146_605), (1_966_081, 146_605), (10_000_000, 664_579), (100_000_000, 5_761_455),
    ] as [(Int64, Int)])
func primes(_ limit: Int64, _ count: Int) throws {
    let module = try SampleModule.primes.get()
    for library in module.runnable {
        for size: UInt64 in [1, 7, 1000] {
            let output = try module.run(["limit": .integer(limit)], itemsPerUnit: size, fanIn: 3, library: library)
            #expect(text(output) == "\(count)\n", "units of \(size)")
        }
    }
}

@Test("Primes below small limits agree with trial division")
func smallPrimes() throws {
    let module = try SampleModule.primes.get()
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = Seeded(state: seed)
    for _ in 0..<12 {
        let limit = Int.random(in: 2...20_000, using: &random)
        let count = (2..<max(limit, 3)).filter { number in
            number < limit && !(2..<number).prefix { $0 * $0 <= number }.contains { number % $0 == 0 }
        }.count
        #expect(text(try module.run(["limit": .integer(Int64(limit))], itemsPerUnit: 1)) == "\(count)\n", "limit \(limit)")
    }
}

@Test("A picture is a valid PNG, the same for every size of unit and every level, and smaller than its dots")
func picture() throws {
    let module = try SampleModule.mandelbrot.get()
    let parameters: [String: ParameterValue] = [
        "width": .integer(203), "height": .integer(151), "iterations": .integer(500), "center-x": .real(-0.7436), "center-y": .real(0.1318),
        "zoom": .real(300),
    ]
    let first = try module.run(parameters, itemsPerUnit: 1)
    for library in module.runnable {
        for size: UInt64 in [1, 4, 50, 1000] {
            #expect(try module.run(parameters, itemsPerUnit: size, fanIn: 2, library: library) == first, "units of \(size), \(library)")
        }
    }
    let png = try Png(first)
    #expect(png.width == 203 && png.height == 151)
    #expect(first.count < 203 * 151 * 3)
    #expect(Set(png.rows).count > 50)
}

@Test("Pictures of odd sizes are valid, too", arguments: [(1, 1), (1, 9), (9, 1), (400, 3)] as [(Int64, Int64)])
func oddPictures(_ width: Int64, _ height: Int64) throws {
    let module = try SampleModule.mandelbrot.get()
    let png = try Png(try module.run(["width": .integer(width), "height": .integer(height), "samples": .integer(1)], itemsPerUnit: 2))
    #expect(png.width == Int(width) && png.height == Int(height))
}

@Test("A picture of one colour is valid")
func flatPicture() throws {
    let module = try SampleModule.mandelbrot.get()
    let output = try module.run(
        ["width": .integer(300), "height": .integer(300), "zoom": .real(1000), "center-x": .real(0)], itemsPerUnit: 100)
    #expect(Set(try Png(output).rows).isSubset(of: [0, 1, 2, 4]))
    #expect(output.count < 2000)
}

/// Words by the definition: runs of ASCII letters, lower-cased; by count, then by word.
private func counted(_ bytes: [UInt8]) -> String {
    var counts: [String: Int] = [:]
    for word in bytes.split(whereSeparator: { !(65...90).contains($0) && !(97...122).contains($0) }) {
        counts[String(decoding: word, as: UTF8.self).lowercased(), default: 0] += 1
    }
    let sorted = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    return sorted.map { "\($0.key),\($0.value)\n" }.joined()
}

@Test("Words are counted as tr, sort and uniq count them, for every size of unit and every way of joining")
func words() throws {
    let module = try SampleModule.wordcount.get()
    let license = "/usr/share/common-licenses/GPL-3"
    let scratch = try Scratch()
    let input = FileManager.default.fileExists(atPath: license) ? license : try scratch.write("text", [UInt8](try bytes(of: #filePath)))
    let pipeline =
        "export LC_ALL=C; tr -cs A-Za-z '\\n' < \(input) | tr A-Z a-z | grep . | sort | uniq -c | sort -k1,1nr -k2,2 | sed 's/^ *\\([0-9]*\\) \\(.*\\)/\\2,\\1/'"
    let known = text(try shell(pipeline))
    #expect(known == counted(try bytes(of: input)))
    for size: UInt64 in [1, 2, 9, 100, 100_000] {
        for fanIn in [2, 3, 32] {
            #expect(text(try module.run(itemsPerUnit: size, fanIn: fanIn, input: input)) == known, "units of \(size), \(fanIn) at a time")
        }
    }
    for library in module.runnable { #expect(text(try module.run(itemsPerUnit: 50, input: input, library: library)) == known) }
}

@Test("Random bytes, very long words and a text without words are counted, too")
func strangeTexts() throws {
    let module = try SampleModule.wordcount.get()
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = Seeded(state: seed)
    let scratch = try Scratch()
    let long = [UInt8](repeating: 65, count: 300_000)
    var texts: [[UInt8]] = [[], Array("\n\n".utf8), Array("1234 . !\n".utf8), Array("a".utf8), long + [10] + long + [32, 98]]
    texts.append((0..<200_000).map { _ in UInt8.random(in: 0...255, using: &random) })
    texts.append((0..<300_000).map { _ in Array("aAbB \n".utf8).randomElement(using: &random) ?? 0 })
    for length in 60...70 { texts.append([UInt8](repeating: 120, count: length) + [32] + [UInt8](repeating: 120, count: length + 1)) }
    for content in texts {
        let input = try scratch.write("text", content)
        for size: UInt64 in [1, 1000] where content.count < 250_000 || size > 1 {
            #expect(text(try module.run(itemsPerUnit: size, input: input)) == counted(content))
        }
    }
}
