import Glibc
import TalkootCore

/// The publishers and modules that this installation trusts: `trusted` in the home, a line each, the key and a note.
struct TrustFile: Sendable {
    /// A line.
    struct Entry: Hashable, Sendable, Encodable {
        /// `tkp1…`, or a module's identity.
        var key: String
        /// A note of the owner.
        var name: String
    }

    /// The most lines.
    private static let entryLimit = 4096
    /// The largest file, in bytes.
    private static let limitBytes = 1 << 20
    /// The longest note, in bytes.
    private static let nameBytes = 100

    let path: String

    init(home: Home) { path = home.directory + "/trusted" }

    /// All lines; none when there is no file.
    ///
    /// - Throws: ``TalkootError`` `inputOutput` when it cannot be read, `badData` for a line that makes no sense.
    func read() throws(TalkootError) -> [Entry] {
        guard access(path, F_OK) == 0 else { return [] }
        let text = String(decoding: try FileBytes.read(path, limit: Self.limitBytes), as: UTF8.self)
        var entries: [Entry] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() where !line.isEmpty {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard let key = parts.first.flatMap(Self.key) else {
                throw TalkootError(.badData, "\(path) line \(number + 1) names no publisher", remedy: "remove the line")
            }
            entries.append(Entry(key: key, name: parts.count > 1 ? parts[1] : ""))
        }
        return entries
    }

    /// Adds a line, or changes its note.
    ///
    /// - Throws: ``TalkootError`` `usage` for what is neither a publisher nor an identity, and when the file cannot be written.
    func add(_ entry: Entry) throws(TalkootError) {
        guard let key = Self.key(entry.key) else {
            throw TalkootError(
                .usage, "`\(entry.key.prefix(80))` is neither a publisher (tkp1…) nor a module's identity (64 digits)",
                remedy: "see `talkoot module inspect FILE`")
        }
        guard entry.name.utf8.count <= Self.nameBytes, entry.name.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
            throw TalkootError(.usage, "the note is longer than a line of \(Self.nameBytes) bytes", remedy: "shorten it")
        }
        let entries = try read().filter { $0.key != key } + [Entry(key: key, name: entry.name)]
        guard entries.count <= Self.entryLimit else { throw TalkootError(.usage, "more than \(Self.entryLimit) are trusted already") }
        try write(entries)
    }

    /// Removes a line.
    ///
    /// - Throws: ``TalkootError`` `notFound` when there is none, and when the file cannot be written.
    func remove(_ key: String) throws(TalkootError) {
        let entries = try read()
        let left = entries.filter { $0.key != Self.key(key) }
        guard left.count < entries.count else {
            throw TalkootError(.notFound, "\(key.prefix(80)) is not trusted", remedy: "see `talkoot module trust`")
        }
        try write(left)
    }

    private func write(_ entries: [Entry]) throws(TalkootError) {
        let text = entries.map { $0.name.isEmpty ? $0.key : "\($0.key) \($0.name)" }.joined(separator: "\n")
        try FileBytes.replace(path, with: Array((text + (entries.isEmpty ? "" : "\n")).utf8))
    }

    /// The usual form of a publisher's id or of a digest; `nil` for anything else.
    static func key(_ text: String) -> String? {
        if let digest = Digest(text) { return digest.description }
        guard text.lowercased().hasPrefix("tkp1"), let id = PeerID("tk1" + text.dropFirst(4)) else { return nil }
        return "tkp1" + id.description.dropFirst(3)
    }
}
