import Foundation
import TalkootCheck
import TalkootCore
import TalkootTesting
import Testing

/// The libraries for authors in C++ and Swift: the same module twice, in real cells, over a common input.
@Suite(.serialized) struct LibraryTests {
    private static let yaml = """
        name: twins
        version: 1.0.0
        summary: Says of each line how long it is, with a random number.
        license: Apache-2.0
        parameters:
          seed: {type: integer, default: 7}
          scale: {type: real, default: 0.5}
          loud: {type: flag, default: false}
          label: {type: text, default: line}
        input: lines
        output: {name: out.txt, media-type: text/plain}

        """

    private static let cpp = """
        #include <string>
        #include <talkoot.hpp>
        using namespace talkoot;

        struct Twins {
            static Status run(Host host, const Unit &unit) {
                uint64_t item = unit.items.first;
                for (std::string_view line : unit.lines()) {
                    Random random = Random::of(static_cast<uint64_t>(host.integer("seed")), item++);
                    const uint64_t scaled = static_cast<uint64_t>(static_cast<double>(line.size()) * host.real("scale") * 100);
                    const uint64_t bits = random.next();
                    std::string text(host.text("label"));
                    text += " " + std::string(line) + " " + std::to_string(scaled) + " " + std::to_string(bits) + " ";
                    text += std::to_string(static_cast<uint64_t>(random.unit() * 1e9)) + (host.flag("loud") ? "!\\n" : "\\n");
                    if (Status status = host.write(text); !status.is_ok()) return status;
                }
                return Status::ok();
            }
            static Status finish(Host host, Bytes merged) {
                char *place = host.reserve<char>(merged.size());
                if (place == nullptr) return host.fail("too long");
                std::memcpy(place, merged.data(), merged.size());
                return host.write(static_cast<uint8_t>('.'));
            }
        };
        TALKOOT_MODULE(Twins)

        """

    private static let swift = """
        import TalkootModule

        let seed = Parameter<UInt64>("seed")
        let scale = Parameter<Double>("scale")
        let loud = Parameter<Bool>("loud")
        let label = Parameter<String>("label")

        @Sendable func run(_ host: Host, _ unit: Unit, _ output: Output) throws(Failure) {
            var item = unit.items.lowerBound
            for line in unit.input.lines {
                var random = Random(seed: host[seed], item: item)
                item += 1
                let scaled = UInt64(Double(line.count) * host[scale] * 100)
                let bits = random.next()
                try output.write(host[label])
                try output.write(" ")
                try output.write(line)
                try output.write(" \\(scaled) \\(bits) ")
                try output.write("\\(UInt64(random.unit() * 1e9))" + (host[loud] ? "!\\n" : "\\n"))
            }
        }

        @Sendable func finish(_ host: Host, _ merged: Bytes, _ output: Output) throws(Failure) {
            let place = try output.reserve(merged.count)
            for (offset, piece) in merged.pieces(of: 7).enumerated() {
                for index in piece.indices { place[7 * offset + index] = piece[index] }
            }
            try output.write(UInt8(ascii: "."))
        }

        @c(talkoot_module_v1) public func exported(_ host: HostPointer?) -> ModulePointer? { Module.export(run: run, finish: finish) }

        """

    private func output(_ file: String, _ source: String, unitSize: UInt64?, unit: UInt64 = 0) throws -> String {
        let directory = FileManager.default.temporaryDirectory.path + "/talkoot-library-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory + "/src", withIntermediateDirectories: true)
        try Data(Self.yaml.utf8).write(to: URL(fileURLWithPath: directory + "/module.yaml"))
        try Data(source.utf8).write(to: URL(fileURLWithPath: directory + "/src/" + file))
        setenv("TALKOOT_SDK", CheckedModule.root, 1)
        let subject = try CheckSubject(directory: directory)
        let parameters: [String: ParameterValue] = [
            "seed": .integer(99), "scale": .real(0.25), "loud": .flag(true), "label": .text("row"),
        ]
        let run = try UnitRun(
            subject, parameters: parameters, input: Array("alpha\n\nbeta gamma\nlast".utf8), unit: unit, itemsPerUnit: unitSize,
            unitSeconds: 20, cellPath: try BuiltProduct.path("talkoot-cell"))
        #expect(run.failure == nil && run.items == 4)
        return String(decoding: run.output, as: UTF8.self)
    }

    @Test("A module in C++ and one in Embedded Swift see the same lines, parameters and random numbers, and write the same")
    func twins() throws {
        let left = try output("twins.cpp", Self.cpp, unitSize: nil)
        let right = try output("twins.swift", Self.swift, unitSize: nil)
        #expect(left == right)
        let lines = left.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 5 && lines[4] == ".")
        #expect(lines[0].hasPrefix("row alpha 125 ") && lines[0].hasSuffix("!"), "\(left)")
        #expect(lines[1].hasPrefix("row  0 ") && lines[2].hasPrefix("row beta gamma 250 ") && lines[3].hasPrefix("row last 100 "))
        // A unit in the middle gives its own lines, with the same random numbers.
        let middle = try output("twins.cpp", Self.cpp, unitSize: 2, unit: 1)
        #expect(middle == lines[2...4].joined(separator: "\n"))
    }
}
