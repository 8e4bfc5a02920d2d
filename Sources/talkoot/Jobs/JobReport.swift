import TalkootCore
import TalkootStore

/// A job as `--json` shows it.
struct JobReport: Codable, Sendable {
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
    var priority: Int?
    var deadline: String?
    var contributions: [Contribution]?
    var failures: [Failure]?

    /// What one volunteer did.
    struct Contribution: Codable, Sendable {
        var volunteer: String
        var units: UInt64
        var processorSeconds: Double
    }

    /// A unit that was given up.
    struct Failure: Codable, Sendable {
        var unit: UInt64
        var reason: String
    }

    /// The most volunteers and failures that are told.
    private static let rows = 20

    /// Describes a job with who did what.
    ///
    /// - Throws: ``TalkootError`` when its journal cannot be read.
    static func detailed(_ listing: JobListing) throws(TalkootError) -> JobReport {
        let journal = try JobJournal.open(directory: listing.directory, access: .readOnly)
        var report = JobReport(listing, progress: try journal.progress())
        report.contributions = try journal.contributions(limit: rows).map {
            Contribution(volunteer: $0.volunteer, units: $0.units, processorSeconds: Double($0.processorMicroseconds) / 1e6)
        }
        report.failures = try journal.failures(limit: rows).map {
            Failure(unit: $0.units.lowerBound, reason: $0.failure?.summary ?? "")
        }
        return report
    }

    /// Describes a job; without `progress` its figures are left out.
    init(_ listing: JobListing, progress: JobProgress? = nil) {
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
        priority = record.terms?.priority
        deadline = record.terms?.deadline.map(CalendarText.iso)
    }

    /// `local` or the tracker's address.
    static func place(_ mode: JobRecord.Mode) -> String {
        switch mode {
        case .local: "local"
        case .tracker(let endpoint): String(endpoint.prefix { $0 != "#" })
        }
    }

    /// `height=1080 width=1920`.
    var parameterText: String { parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ") }

    /// `2025-03-01 14:05`, in this machine's time zone.
    var startedLocally: String { CalendarText.seconds(iso: started).map(CalendarText.local) ?? started }
}
