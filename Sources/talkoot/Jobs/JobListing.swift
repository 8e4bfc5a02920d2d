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

    /// `running`, `interrupted` (running says the journal, but nobody works on it), `done`, `failed` or `cancelled`.
    var state: String { record.state == .running && !isHeld ? "interrupted" : record.state.description }

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

    /// The job that a person names: its id, a unique beginning of it, or `last`.
    ///
    /// - Throws: ``TalkootError`` `notFound` when there is none, `usage` when several begin like that.
    static func find(_ text: String, home: Home) throws(TalkootError) -> JobListing {
        if text == "last" {
            if let newest = try all(home: home).first { return newest }
            throw TalkootError(.notFound, "there is no job yet", remedy: "start one with `talkoot run MODULE`")
        }
        let prefix = text.lowercased()
        let found = try identifiers(home: home).filter { $0.description.hasPrefix(prefix) }
        guard let id = found.first, !prefix.isEmpty else {
            throw TalkootError(.notFound, "there is no job \(text)", remedy: "list the jobs with `talkoot jobs`")
        }
        guard found.count == 1 else {
            throw TalkootError(.usage, "\(found.count) jobs begin with \(text)", remedy: "write more digits")
        }
        return try open(home: home, id: id)
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
        return JobListing(directory: directory, record: try journal.record(), isHeld: JobJournal.isHeld(directory: directory))
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
