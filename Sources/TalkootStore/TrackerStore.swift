public import TalkootCore

/// What a tracker remembers beyond a restart. All functions block, may be called from any thread, and are durable when they return.
///
/// Every function throws `.inputOutput` when the store cannot be read or written and `.badData` when it is damaged.
public protocol TrackerStore: Sendable {
    /// Makes an account; `false` when the name is taken.
    func addAccount(_ account: TrackerAccount) throws(TalkootError) -> Bool
    /// The account of that name.
    func account(named name: String) throws(TalkootError) -> TrackerAccount?
    /// Replaces what is kept of the password, and removes the account's tokens when `revokingTokens`.
    func setPasswordHash(_ hash: String, of name: String, revokingTokens: Bool) throws(TalkootError)

    /// Keeps a token; the account's oldest ones beyond ``TrackerDatabase/tokensPerAccount`` go.
    func addToken(_ token: TrackerToken) throws(TalkootError)
    /// The token with that hash, unless it has expired at `now` (seconds since 1970).
    func token(_ hash: Digest, now: Int64) throws(TalkootError) -> TrackerToken?
    /// Removes a token; nothing when it is not there.
    func removeToken(_ hash: Digest) throws(TalkootError)
    /// Removes what has expired at `now` (seconds since 1970).
    func removeExpiredTokens(now: Int64) throws(TalkootError)

    /// Remembers where a peer was seen, in place of the sighting before.
    func note(_ sighting: TrackerSighting) throws(TalkootError)
    /// The sightings of an account's peers, latest first, at most ``TrackerDatabase/peersPerAccount``.
    func sightings(of account: String) throws(TalkootError) -> [TrackerSighting]

    /// The modules by name, each name's newest version first.
    func modules() throws(TalkootError) -> [TrackerModule]
    /// What `NAME` (its newest version that is not yanked), `NAME@VERSION`, a digest or at least eight digits of one means. A digest finds what was
    /// yanked too.
    func module(_ reference: String) throws(TalkootError) -> ModuleLookup
    /// Yanks a version for a reason, or takes that back with `nil`; only for the account that uploaded it.
    func yank(_ name: String, _ version: SemanticVersion, reason: String?, by account: String) throws(TalkootError) -> YankVerdict
    /// Whether the module may be added, without adding it.
    func verdict(on module: TrackerModule) throws(TalkootError) -> ModuleVerdict
    /// Adds a module whose verified package is in the file at `temporaryPath`, which is moved to its place or removed.
    func addModule(_ module: TrackerModule, package temporaryPath: String) throws(TalkootError) -> ModuleVerdict
    /// Where the package of a module is.
    func packagePath(_ digest: Digest) -> String
    /// A free name for a package that is being uploaded, on the same file system as the packages.
    func temporaryPackagePath() -> String
}
