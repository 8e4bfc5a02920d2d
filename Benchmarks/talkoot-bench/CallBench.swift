import Glibc
import TalkootCore
import TalkootSandbox

/// What a call into a cell costs, and what a cell weighs.
enum CallBench {
    /// Round trips of one unit with its input and a result of the same size, from request to answer: with both in the memory that agent
    /// and cell share. The whole call, with the agent's copies into that memory and out of it, is told beside.
    static func run(library path: String) throws {
        let launcher = try CellLauncher.open()
        let limits = CellLimits(memoryBytes: 64 << 20, outputBytes: 32 << 20)
        let cell = try launcher.launch(CellSettings(library: try LibraryImage(bytes: CellBench.bytes(path)), limits: limits))
        for (name, size, times) in [("64B", 64, 20_000), ("64KiB", 64 << 10, 5_000), ("16MiB", 16 << 20, 40)] {
            let input = [UInt8](repeating: 7, count: size)
            let batch = UnitBatch(
                units: 0..<1, shape: JobShape(items: 1, itemsPerUnit: 1), seed: 0, input: input, inputEnds: [size])
            for _ in 0..<3 { _ = cell.run(batch) }
            var exchange: [Double] = []
            var whole: [Double] = []
            for _ in 0..<times {
                whole.append(
                    try Measure.seconds {
                        let result = cell.run(batch)
                        if let failure = result.failure { throw TalkootError(.jobFailed, failure.outcome.summary) }
                        exchange.append(result.wallSeconds * 1e6)
                    } * 1e6)
            }
            Measure.report("call-\(name)-us", exchange)
            Measure.report("call-\(name)-whole-us", whole)
        }
        let small = try launcher.launch(small(path))
        Measure.report("cell-pss-kib", try proportionalKiB(of: small.processID))
        small.close()
    }

    private static func small(_ path: String) throws -> CellSettings {
        CellSettings(library: try LibraryImage(bytes: CellBench.bytes(path)))
    }

    /// The memory of a process in KiB, with what it shares divided by those who share it.
    private static func proportionalKiB(of process: Int32) throws -> Double {
        guard let file = fopen("/proc/\(process)/smaps_rollup", "r") else {
            throw TalkootError(.inputOutput, "the memory map of a cell cannot be read", remedy: "run the benchmark as root")
        }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix("Pss:") { return Double(text.split(separator: " ")[1]) ?? 0 }
        }
        return 0
    }
}
