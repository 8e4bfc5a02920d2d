import ArgumentParser
import Glibc
import TalkootCoordinator
import TalkootCore
import TalkootSandbox
import TalkootStore

/// `talkoot result`: a job's output once more, or what there is of it.
struct ResultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "result",
        abstract: "Print or copy the output of a finished job, or what there is of a job that still runs.",
        discussion: """
            talkoot result last
            talkoot result 4f1c --output again.png
            talkoot result 4f1c --partial --output so-far.png
            talkoot result 4f1c --at cluster.example.org:7119

            --partial merges the results that are there. Units without a result are left out when the module folds \
            results, else everything behind the first gap.
            """)

    @Argument(help: "The job's id, a unique beginning of it, or `last`.") var job: String
    @Option(name: .shortAndLong, help: ArgumentHelp("Copy the output to this file.", valueName: "file")) var output: String?
    @Flag(name: .long, help: "Take what there is, of a job that is not finished or failed.") var partial = false
    @OptionGroup var place: CoordinatorOptions

    func run() async throws {
        let home = try place.home.locate()
        if let output { try JobDelivery.check(output) }
        if let address = try await place.address(home) { return try await fetch(from: address, home: home) }
        let listing = try JobListing.find(job, home: home)
        if partial { return try await makePart(listing, home: home) }
        let path = try listing.finishedOutput()
        if let output { return try JobDelivery.copy(path, to: output) }
        guard path != JobDelivery.keptOutput(directory: listing.directory), StandardStream.outputIsTerminal else {
            return try JobDelivery.print(path)
        }
        StandardStream.note("talkoot: it is in \(path)")
    }

    private func makePart(_ listing: JobListing, home: Home) async throws(TalkootError) {
        let path = output.map(Home.absolute) ?? listing.directory + "/partial.\(getpid())"
        defer { if output == nil { unlink(path) } }
        let result = try await PartialOutput.make(listing, home: home, launcher: try CellLauncher.open(), to: path)
        StandardStream.note("talkoot: \(PartialOutput.words(result))")
        if output == nil { try JobDelivery.print(path) }
    }

    /// Copies the output piece by piece from a coordinator; a file appears whole or not at all.
    private func fetch(from address: String, home: Home) async throws(TalkootError) {
        try await CoordinatorPlace.use(address, home: home) { line throws(TalkootError) in
            let temporary = output.map { "\($0).\(getpid()).part" }
            let target = temporary.map { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666) } ?? STDOUT_FILENO
            guard target >= 0 else { throw FileFault.creating(output ?? "") }
            defer { if temporary != nil { close(target) } }
            do throws(TalkootError) {
                var offset: UInt64 = 0
                while true {
                    let bytes = try await line.result(of: job, offset: offset, isPartial: partial)
                    if bytes.isEmpty { break }
                    try FileBytes.write(bytes[...], to: target, named: output ?? "standard output")
                    offset += UInt64(bytes.count)
                }
            } catch {
                if let temporary { unlink(temporary) }
                throw error
            }
            guard let output, let temporary else { return }
            guard fsync(target) == 0, rename(temporary, output) == 0 else { throw FileFault.writing(output, removing: temporary) }
        }
    }
}
