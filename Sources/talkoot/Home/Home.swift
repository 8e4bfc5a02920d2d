import Glibc
import TalkootCore

/// Where this installation keeps what it knows: keys, modules, jobs and logins.
///
/// `--home DIR`, else `$TALKOOT_HOME`, else the XDG directories `~/.local/share/talkoot` and, for `config.yaml`, `~/.config/talkoot`.
struct Home: Sendable, Hashable {
    /// The directory of everything but the configuration.
    let directory: String
    /// The configuration file, which need not exist.
    let configurationFile: String

    /// Finds the home and makes its directory, readable by its owner alone.
    ///
    /// - Throws: ``TalkootError`` `usage` when no directory is named anywhere, `cannotCreate` when it cannot be made.
    init(flag: String?) throws(TalkootError) {
        if let named = flag ?? Screen.environment("TALKOOT_HOME") {
            directory = Home.absolute(named)
            configurationFile = directory + "/config.yaml"
        } else {
            let user = Screen.environment("HOME")
            guard let data = Screen.environment("XDG_DATA_HOME") ?? user.map({ $0 + "/.local/share" }),
                let configuration = Screen.environment("XDG_CONFIG_HOME") ?? user.map({ $0 + "/.config" })
            else {
                throw TalkootError(.usage, "neither HOME nor TALKOOT_HOME is set", remedy: "give --home DIR")
            }
            directory = data + "/talkoot"
            configurationFile = configuration + "/talkoot/config.yaml"
        }
        try Home.makeDirectory(directory)
    }

    /// Packages by digest.
    var modules: String { directory + "/modules" }
    /// One directory per job.
    var jobs: String { directory + "/jobs" }
    /// Failed units, to be run again by `talkoot replay`.
    var capsules: String { directory + "/capsules" }
    /// Receipts that this installation signed as a requester.
    var issuedReceipts: String { directory + "/receipts-issued.jsonl" }
    /// Receipts that it got as a volunteer.
    var receivedReceipts: String { directory + "/receipts.jsonl" }
    /// A tracker's database and packages.
    var tracker: String { directory + "/tracker" }
    /// Logins: a token for each tracker.
    var sessionFile: String { directory + "/session.json" }
    /// The identities of trackers seen before.
    var knownTrackersFile: String { directory + "/known_trackers" }
    /// The key that signs this installation's packages.
    var publisherKeyFile: String { directory + "/publisher.pem" }
    /// The directory of one job.
    func directory(of job: JobID) -> String { "\(jobs)/\(job)" }

    /// Makes a directory and those above it, the new ones readable by their owner alone.
    ///
    /// - Throws: ``TalkootError`` `cannotCreate`.
    static func makeDirectory(_ path: String) throws(TalkootError) {
        if isDirectory(path) { return }
        if mkdir(path, 0o700) == 0 || errno == EEXIST && isDirectory(path) { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw FileFault.creating(path) }
        try makeDirectory(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || isDirectory(path) else { throw FileFault.creating(path) }
    }

    /// The same path from the root.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
