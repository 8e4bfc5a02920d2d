import TalkootCore
import TalkootSandbox

/// Units that are kept apart: in a process of a template's each, one after the other, and in a whole cell each.
enum UnitBench {
    static func run(library path: String, times: Int) throws {
        let launcher = try CellLauncher.open()
        let library = try LibraryImage(bytes: try CellBench.bytes(path))
        var settings = CellSettings(library: library, parameters: ["units": .integer(1), "spin": .integer(0)])
        let batch = UnitBatch(units: 0..<1, shape: JobShape(items: 1, itemsPerUnit: 1), seed: 0)
        var inProcess: [Double] = []
        var inCell: [Double] = []
        settings.isolation = .unit
        let template = try launcher.launch(settings)
        settings.isolation = .job
        for _ in 0..<times { inProcess.append(Measure.seconds { _ = template.run(batch) } * 1e6) }
        for _ in 0..<times {
            inCell.append(
                try Measure.seconds {
                    let cell = try launcher.launch(settings)
                    if let failure = cell.run(batch).failure { throw TalkootError(.jobFailed, failure.outcome.summary) }
                    cell.close()
                } * 1e6)
        }
        if let failure = template.run(batch).failure { throw TalkootError(.jobFailed, failure.outcome.summary) }
        Measure.report("unit-own-process-us", inProcess)
        Measure.report("unit-own-cell-us", inCell)
    }
}
