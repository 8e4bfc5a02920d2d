import TalkootCore
import TalkootStore

/// A job as `--json` shows it.
struct JobReport: Encodable {
    var job: String
    var state: String
    var reason: String?
    var module: String
    var version: String
    var digest: Digest
    var parameters: [String: String]
    var items: UInt64
    var itemsPerUnit: UInt64
    var units: UInt64
    var unitsDone: UInt64?
    var unitsFailed: UInt64?
    var processorSeconds: Double?
    var input: String?
    var inputBytes: UInt64
    var output: String?
    var outputBytes: UInt64?
    var on: String
    var started: String
    var finished: String?
    var verification: VerificationReport?

    /// Describes a job; without `progress` its figures are left out.
    init(_ listing: JobListing, progress: JobProgress?) {
        let record = listing.record
        job = record.id.description
        verification = record.verification.map { VerificationReport($0, isOver: record.state == .done) }
        state = listing.state
        if case .failed(let reason) = record.state { self.reason = reason }
        (module, version, digest) = (record.module.name, record.module.version.description, record.module.digest)
        parameters = record.parameters.mapValues(\.description)
        (items, itemsPerUnit, units) = (record.shape.items, record.shape.itemsPerUnit, record.shape.units)
        unitsDone = progress?.unitsDone
        unitsFailed = progress?.unitsFailed
        processorSeconds = progress.map { Double($0.processorMicroseconds) / 1e6 }
        (input, inputBytes) = (record.inputPath, record.inputBytes)
        (output, outputBytes) = (record.outputPath, record.outputBytes)
        on = Self.place(record.mode)
        started = CalendarText.iso(record.created)
        finished = record.finished.map(CalendarText.iso)
    }

    /// `local` or the tracker's address.
    static func place(_ mode: JobRecord.Mode) -> String {
        switch mode {
        case .local: "local"
        case .tracker(let endpoint): String(endpoint.prefix { $0 != "#" })
        }
    }

    /// `height=1080 width=1920`.
    static func text(_ parameters: [String: ParameterValue]) -> String {
        parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}
