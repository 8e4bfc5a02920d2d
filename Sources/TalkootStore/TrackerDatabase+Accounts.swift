import Foundation
import GRDB
public import TalkootCore

extension TrackerDatabase {
    /// Makes an account; `false` when the name is taken.
    public func addAccount(_ account: TrackerAccount) throws(TalkootError) -> Bool {
        try write { connection in
            try connection.execute(
                sql: "INSERT INTO account (name, password, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [account.name, account.passwordHash, account.created])
            return connection.changesCount == 1
        }
    }

    /// The account of that name.
    public func account(named name: String) throws(TalkootError) -> TrackerAccount? {
        try read { connection in
            try Row.fetchOne(connection, sql: "SELECT name, password, created FROM account WHERE name = ?", arguments: [name]).map {
                TrackerAccount(name: $0[0], passwordHash: $0[1], created: $0[2])
            }
        }
    }

    /// Replaces what is kept of the password, and removes the account's tokens when `revokingTokens`.
    public func setPasswordHash(_ hash: String, of name: String, revokingTokens: Bool) throws(TalkootError) {
        try write { connection in
            try connection.execute(sql: "UPDATE account SET password = ? WHERE name = ?", arguments: [hash, name])
            if revokingTokens { try connection.execute(sql: "DELETE FROM token WHERE account = ?", arguments: [name]) }
        }
    }

    /// Keeps a token; the account's oldest ones beyond ``tokensPerAccount`` go.
    public func addToken(_ token: TrackerToken) throws(TalkootError) {
        try write { connection in
            try connection.execute(
                sql: "INSERT INTO token (hash, account, peer, created, expires) VALUES (?, ?, ?, ?, ?)",
                arguments: [token.hash.blob, token.account, token.peer?.description, token.created, token.expires])
            try connection.execute(
                sql: """
                    DELETE FROM token WHERE hash IN
                    (SELECT hash FROM token WHERE account = ? ORDER BY created DESC, hash LIMIT -1 OFFSET ?)
                    """, arguments: [token.account, Self.tokensPerAccount])
        }
    }

    /// The token with that hash, unless it has expired at `now` (seconds since 1970).
    public func token(_ hash: Digest, now: Int64) throws(TalkootError) -> TrackerToken? {
        let row = try read { connection in
            try Row.fetchOne(
                connection, sql: "SELECT account, peer, created, expires FROM token WHERE hash = ? AND expires > ?",
                arguments: [hash.blob, now])
        }
        guard let row else { return nil }
        let peer = row[1] as String?
        guard peer == nil || peer.flatMap(PeerID.init) != nil else { throw StoreFailure.damaged(path, "the peer of a token") }
        return TrackerToken(hash: hash, account: row[0], peer: peer.flatMap(PeerID.init), created: row[2], expires: row[3])
    }

    /// Removes a token; nothing when it is not there.
    public func removeToken(_ hash: Digest) throws(TalkootError) {
        try write { try $0.execute(sql: "DELETE FROM token WHERE hash = ?", arguments: [hash.blob]) }
    }

    /// Removes what has expired at `now` (seconds since 1970).
    public func removeExpiredTokens(now: Int64) throws(TalkootError) {
        try write { try $0.execute(sql: "DELETE FROM token WHERE expires <= ?", arguments: [now]) }
    }

    /// Remembers where a peer was seen, in place of the sighting before.
    public func note(_ sighting: TrackerSighting) throws(TalkootError) {
        try write { connection in
            try connection.execute(
                sql: """
                    INSERT INTO sighting (account, peer, address, port, seen, modules) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (account, peer) DO UPDATE SET
                    address = excluded.address, port = excluded.port, seen = excluded.seen, modules = excluded.modules
                    """,
                arguments: [
                    sighting.account, sighting.peer?.description ?? "", sighting.address, Int(sighting.port), sighting.seen,
                    RowText.encode(sighting.modules),
                ])
            try connection.execute(
                sql: """
                    DELETE FROM sighting WHERE account = ?1 AND peer IN
                    (SELECT peer FROM sighting WHERE account = ?1 ORDER BY seen DESC, peer LIMIT -1 OFFSET ?2)
                    """, arguments: [sighting.account, Self.peersPerAccount])
        }
    }

    /// The sightings of an account's peers, latest first, at most ``peersPerAccount``.
    public func sightings(of account: String) throws(TalkootError) -> [TrackerSighting] {
        try read { connection in
            try Row.fetchAll(
                connection, sql: "SELECT peer, address, port, seen, modules FROM sighting WHERE account = ? ORDER BY seen DESC, peer",
                arguments: [account]
            ).map { row in
                TrackerSighting(
                    account: account, peer: PeerID(row[0] as String), address: row[1], port: UInt16(clamping: row[2] as Int),
                    seen: row[3], modules: try RowText.decode(row[4], path: path))
            }
        }
    }
}

extension Digest {
    /// The 32 bytes as SQLite keeps them.
    fileprivate var blob: Data { Data(bytes) }
}
