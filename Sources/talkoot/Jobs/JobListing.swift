import Glibc
import TalkootCore
import TalkootStore

/// What the home knows of a job, read without disturbing the process that works on it.
struct JobListing: Sendable {
    /// The job's directory.
    let directory: String
    /// What was asked.
    let record: JobRecord
    /// Whether a process works on it at the moment.
    let isHeld: Bool
    /// Whether a coordinator runs that takes it up when its turn comes.
    let isKept: Bool

    /// `running`, `queued` (its turn comes), `interrupted` (nobody works on it), `done`, `failed` or `cancelled`.
    var state: String {
        guard record.state == .running, !isHeld else { return record.state.description }
        return isKept ? "queued" : "interrupted"
    }

    /// Where its output is.
    ///
    /// - Throws: ``TalkootError`` `jobFailed`, `notFound` or `tryLater` when there is none, with why.
    func finishedOutput() throws(TalkootError) -> String {
        switch record.state {
        case .done: break
        case .failed(let reason):
            throw TalkootError(
                .jobFailed, "job \(record.id) failed: \(reason)",
                remedy: "`talkoot explain \(record.id)` tells more, `talkoot result \(record.id) --partial` gives what there is")
        case .cancelled: throw TalkootError(.notFound, "job \(record.id) was cancelled and has no output")
        case .running:
            let remedy =
                state == "interrupted"
                ? "go on with `talkoot resume \(record.id)`" : "wait for it: `talkoot watch \(record.id)`, or add --partial"
            throw TalkootError(.tryLater, "job \(record.id) is not finished", remedy: remedy)
        }
        guard let path = record.outputPath, FileBytes.exists(path) else {
            let place = record.outputPath.map { " at \($0)" } ?? ""
            throw TalkootError(.notFound, "the output of job \(record.id) is no longer there\(place)", remedy: "run it again")
        }
        return path
    }

    /// The most jobs that are listed: the newest ones.
    static let limit = 1000

    /// All jobs of a home, the newest first. A directory without a readable journal is left out.
    ///
    /// - Throws: ``TalkootError`` when the directory of jobs cannot be read.
    static func all(home: Home) throws(TalkootError) -> [JobListing] {
        var listings: [JobListing] = []
        for id in try identifiers(home: home) {
            if let listing = try? open(home: home, id: id) { listings.append(listing) }
        }
        return Array(listings.sorted { ($0.record.created, $0.record.id) > ($1.record.created, $1.record.id) }.prefix(limit))
    }

    /// The job that a person names: its id, a unique beginning of it, or `last`. Jobs that `isWanted` does not want are not there.
    ///
    /// - Throws: ``TalkootError`` `notFound` when there is none, `usage` when several begin like that.
    static func find(
        _ text: String, home: Home, where isWanted: (JobRecord) -> Bool = { _ in true }
    ) throws(TalkootError) -> JobListing {
        if text == "last" {
            if let newest = try all(home: home).first(where: { isWanted($0.record) }) { return newest }
            throw TalkootError(.notFound, "there is no job yet", remedy: "start one with `talkoot run MODULE`")
        }
        let prefix = text.lowercased()
        let unknown = TalkootError(.notFound, "there is no job \(text)", remedy: "list the jobs with `talkoot jobs`")
        let named = try identifiers(home: home).filter { $0.description.hasPrefix(prefix) }
        guard !named.isEmpty, !prefix.isEmpty else { throw unknown }
        if named.count == 1 {
            let listing = try open(home: home, id: named[0])
            guard isWanted(listing.record) else { throw unknown }
            return listing
        }
        let found = named.compactMap { try? open(home: home, id: $0) }.filter { isWanted($0.record) }
        guard let first = found.first else { throw unknown }
        guard found.count == 1 else {
            throw TalkootError(.usage, "\(found.count) jobs begin with \(text)", remedy: "write more digits")
        }
        return first
    }

    /// Removes the directory of a job that did not come to be.
    static func removeUnborn(_ directory: String) {
        guard !JobJournal.exists(in: directory) else { return }
        for name in ["input", "lock"] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }

    private static func open(home: Home, id: JobID) throws(TalkootError) -> JobListing {
        let directory = home.directory(of: id)
        let journal = try JobJournal.open(directory: directory, access: .readOnly)
        let record = try journal.record()
        return JobListing(
            directory: directory, record: record, isHeld: JobJournal.isHeld(directory: directory),
            isKept: record.terms?.isDetached == true && DirectoryLock.isHeld(directory: home.coordinator))
    }

    private static func identifiers(home: Home) throws(TalkootError) -> [JobID] {
        guard let folder = opendir(home.jobs) else {
            if errno == ENOENT { return [] }
            throw FileFault.reading(home.jobs)
        }
        defer { closedir(folder) }
        var found: [JobID] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let id = JobID(name) { found.append(id) }
        }
        return found
    }
}
