import ArgumentParser
import TalkootCore
import TalkootStore

/// `talkoot result`: a finished job's output once more.
struct ResultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "result",
        abstract: "Print or copy the output of a finished job.",
        discussion: """
            talkoot result last
            talkoot result 4f1c --output again.png
            """)

    @Argument(help: "The job's id, a unique beginning of it, or `last`.") var job: String
    @Option(name: .shortAndLong, help: ArgumentHelp("Copy the output to this file.", valueName: "file")) var output: String?
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let listing = try JobListing.find(job, home: try home.locate())
        let record = listing.record
        switch record.state {
        case .done: break
        case .failed(let reason): throw TalkootError(.jobFailed, "job \(record.id) failed: \(reason)")
        case .cancelled: throw TalkootError(.notFound, "job \(record.id) was cancelled and has no output")
        case .running:
            let remedy = listing.isHeld ? "wait for it: `talkoot job \(record.id)`" : "go on with `talkoot resume \(record.id)`"
            throw TalkootError(.tryLater, "job \(record.id) is not finished", remedy: remedy)
        }
        guard let path = record.outputPath, FileBytes.exists(path) else {
            let place = record.outputPath.map { " at \($0)" } ?? ""
            throw TalkootError(.notFound, "the output of job \(record.id) is no longer there\(place)", remedy: "run it again")
        }
        if let output { return try JobDelivery.copy(path, to: output) }
        guard path != JobDelivery.keptOutput(directory: listing.directory), StandardStream.outputIsTerminal else {
            return try JobDelivery.print(path)
        }
        StandardStream.note("talkoot: it is in \(path)")
    }
}
