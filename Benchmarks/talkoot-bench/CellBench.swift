import Glibc
import TalkootCore
import TalkootSandbox
import TalkootTesting

/// Cells alone: how soon a cold one answers, and how fast code runs inside.
enum CellBench {
    /// From nothing to the first unit's result, and then the next unit's in the same cell.
    static func coldStart(library path: String, times: Int) throws {
        let launcher = try CellLauncher.open()
        let library = try LibraryImage(bytes: try bytes(path))
        let settings = CellSettings(library: library, parameters: ["units": .integer(1), "spin": .integer(0)])
        let batch = UnitBatch(units: 0..<1, shape: JobShape(items: 1, itemsPerUnit: 1), seed: 0)
        var cold: [Double] = []
        var warm: [Double] = []
        for _ in 0..<times {
            var cell: Cell?
            cold.append(
                try Measure.seconds {
                    cell = try launcher.launch(settings)
                    if let failure = cell?.run(batch).failure { throw TalkootError(.jobFailed, failure.outcome.summary) }
                } * 1e3)
            warm.append(Measure.seconds { _ = cell?.run(batch) } * 1e6)
            cell?.close()
        }
        Measure.report("cell-level", Double(launcher.level.rawValue))
        Measure.report("cell-cold-start-ms", cold)
        Measure.report("cell-warm-unit-us", warm)
    }

    /// Starts, runs and kills cells in a row, and prints what they left behind: the growth of everything that a process can hold.
    static func leftovers(library path: String, times: Int) throws {
        let launcher = try CellLauncher.open()
        let settings = CellSettings(
            library: try LibraryImage(bytes: try bytes(path)), parameters: ["units": .integer(1), "spin": .integer(0)])
        func cells(_ count: Int) throws {
            for _ in 0..<count {
                let cell = try launcher.launch(settings)
                let batch = UnitBatch(units: 0..<1, shape: JobShape(items: 1, itemsPerUnit: 1), seed: 0)
                if let failure = cell.run(batch).failure { throw TalkootError(.jobFailed, failure.outcome.summary) }
                cell.close()
            }
        }
        try cells(100)
        let before = ProcessSnapshot.take()
        let seconds = try Measure.seconds { try cells(times) }
        let after = ProcessSnapshot.take()
        Measure.report("leftovers-seconds", seconds)
        Measure.report("leftovers-descriptors", Double(after.descriptors - before.descriptors))
        Measure.report("leftovers-children", Double(after.children - before.children))
        Measure.report("leftovers-mounts", Double(after.mounts - before.mounts))
        Measure.report("leftovers-groups", Double(after.groups - before.groups))
        Measure.report("leftovers-resident-kib", Double(after.residentBytes - before.residentBytes) / 1024)
    }

    /// Runs a whole job of a module in one cell and prints the processor seconds that its units took.
    static func compute(library path: String, itemsPerUnit: UInt64, parameters words: [String]) throws {
        var parameters: [String: ParameterValue] = [:]
        for word in words {
            let parts = word.split(separator: "=")
            if parts.count == 2, let value = Int64(parts[1]) { parameters[String(parts[0])] = .integer(value) }
        }
        let launcher = try CellLauncher.open()
        let settings = CellSettings(library: try LibraryImage(bytes: try bytes(path)), parameters: parameters)
        let cell = try launcher.launch(settings)
        guard case .value(let items) = cell.plan(inputBytes: 0) else { throw TalkootError(.jobFailed, "the module has no plan") }
        cell.close()
        let shape = JobShape(items: items, itemsPerUnit: itemsPerUnit)
        let runner = RangeRunner(launcher: launcher, settings: settings, shape: shape, seed: 0)
        var processorSeconds = 0.0
        let seconds = try Measure.seconds {
            try runner.run(0..<shape.units, stop: StopLine(shape.units), input: nil) { run in
                processorSeconds += run.processorSeconds
                return run.failure == nil
            }
        }
        Measure.report("compute-cell-processor-seconds", processorSeconds)
        Measure.report("compute-cell-wall-seconds", seconds)
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw TalkootError(.notFound, "\(path) cannot be opened") }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: ftell(file))
        rewind(file)
        guard fread(&bytes, 1, bytes.count, file) == bytes.count else { throw TalkootError(.inputOutput, "\(path) cannot be read") }
        return bytes
    }
}
