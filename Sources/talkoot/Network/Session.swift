import Foundation
import TalkootCore

/// The logins of this installation: `session.json`, readable by its owner alone.
struct Session: Codable, Sendable {
    /// A login at one tracker.
    struct Login: Codable, Sendable, Hashable {
        /// The account.
        var name: String
        /// The token that stands for the password, good for 30 days.
        var token: String
    }

    /// Logins by `HOST:PORT`.
    var logins: [String: Login] = [:]
    /// The tracker of the latest login, used when none is named.
    var current: String?

    /// Reads the file; an absent one is an empty session.
    ///
    /// - Throws: ``TalkootError`` `badData` when it is malformed, `refused` when it may not be read.
    static func load(home: Home) throws(TalkootError) -> Session {
        guard FileBytes.exists(home.sessionFile) else { return Session() }
        let bytes = try FileBytes.read(home.sessionFile, limit: 1 << 20)
        guard let session = JSONText.value(Session.self, from: bytes) else {
            throw TalkootError(.badData, "\(home.sessionFile) is malformed", remedy: "remove it and log in again")
        }
        return session
    }

    /// Writes the file.
    ///
    /// - Throws: ``TalkootError`` `cannotCreate` or `inputOutput`.
    func save(home: Home) throws(TalkootError) {
        try FileBytes.replace(home.sessionFile, with: Array(try JSONText.text(self).utf8))
    }
}
