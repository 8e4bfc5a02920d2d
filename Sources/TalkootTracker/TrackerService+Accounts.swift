import Logging
import Synchronization
import TalkootCore
import TalkootPeer
import TalkootProtocol
import TalkootStore

extension TrackerService {
    /// What a login came to: the reply and, when it was right, what opens the session.
    struct Login: Sendable {
        var reply: Message.Reply
        var opening: TrackerDirectory.Opening?

        static func no(_ reason: String) -> Login { Login(reply: Message.Reply("no", reason: reason)) }
    }

    /// Why a connection is told nothing: it comes in clear text from another machine.
    func faultInTransport(_ remote: RemotePeer) -> String? {
        if remote.isEncrypted || remote.isLoopback || configuration.allowsInsecureLogins { return nil }
        return "clear text can be read on its way here; connect with TLS, or ask the tracker's owner for --insecure-logins"
    }

    /// Makes an account: `yes`, `exists`, or `no` with a reason.
    func signup(_ credentials: Message.Credentials, _ remote: RemotePeer) async -> Message.Reply {
        if let reason = faultInTransport(remote) { return Message.Reply("no", reason: reason) }
        if let reason = AccountRules.fault(inName: credentials.name) ?? AccountRules.fault(inPassword: credentials.password) {
            return Message.Reply("no", reason: reason)
        }
        if let reason = begin(nil, remote, at: clock.now) { return Message.Reply("no", reason: reason) }
        do throws(TalkootError) {
            let (store, name, now) = (store, credentials.name, clock.unixSeconds)
            if try await onFiles({ () throws(TalkootError) in try store.account(named: name) }) != nil { return Message.Reply("exists") }
            let hash = try await passwords.hash(credentials.password).description
            let isNew = try await onFiles { () throws(TalkootError) in
                try store.addAccount(TrackerAccount(name: name, passwordHash: hash, created: now))
            }
            if isNew { logger.info("account made", metadata: ["account": "\(name)", "peer": "\(remote)"]) }
            return Message.Reply(isNew ? "yes" : "exists")
        } catch {
            return Message.Reply("no", reason: Self.reason(error))
        }
    }

    /// Checks name and password; with `wantsToken`, a right one gives a token.
    func login(_ credentials: Message.Credentials, _ remote: RemotePeer, wantsToken: Bool) async -> Login {
        if let reason = faultInTransport(remote) { return .no(reason) }
        guard credentials.password.utf8.count <= TrackerLimits.passwordBytes else { return .no(Self.wrongPassword) }
        let (key, begun) = (String(credentials.name.prefix(TrackerLimits.nameBytes)), clock.now)
        if let reason = begin(key, remote, at: begun) { return .no(reason) }
        do throws(TalkootError) {
            let (store, name) = (store, credentials.name)
            let account = try await onFiles { () throws(TalkootError) in try store.account(named: name) }
            let hash = account.flatMap { PasswordHash($0.passwordHash) }
            guard try await passwords.matches(credentials.password, hash), let hash else {
                logger.info("login refused", metadata: ["account": "\(key)", "peer": "\(remote)"])
                return .no(Self.wrongPassword)
            }
            forgive(key, remote, begun: begun)
            if passwords.isOutdated(hash) {
                let fresh = try await passwords.hash(credentials.password).description
                try await onFiles { () throws(TalkootError) in try store.setPasswordHash(fresh, of: name, revokingTokens: false) }
            }
            let token = wantsToken ? try await newToken(for: name, remote) : nil
            let opening = TrackerDirectory.Opening(
                account: name, peer: remote.peer, port: credentials.port, status: credentials.status,
                modules: try await heldModules(name, remote))
            return Login(reply: Message.Reply("yes", token: token), opening: opening)
        } catch {
            if error.code == .tryLater || error.code == .inputOutput { forgive(key, remote, begun: begun) }
            return .no(Self.reason(error))
        }
    }

    /// Checks a token.
    func authenticate(_ authentication: Message.Authentication, _ remote: RemotePeer) async -> Login {
        if let reason = faultInTransport(remote) { return .no(reason) }
        let begun = clock.now
        if let reason = begin(nil, remote, at: begun) { return .no(reason) }
        do throws(TalkootError) {
            let (store, hash, now) = (store, LoginToken(authentication.token).hash, clock.unixSeconds)
            let token = try await onFiles { () throws(TalkootError) in try store.token(hash, now: now) }
            guard let token, token.peer == nil || token.peer == remote.peer else {
                return .no("the token is unknown, has expired, or belongs to another machine; log in with the password")
            }
            forgive(nil, remote, begun: begun)
            let opening = TrackerDirectory.Opening(
                account: token.account, peer: remote.peer, port: authentication.port, status: authentication.status,
                modules: try await heldModules(token.account, remote))
            return Login(reply: Message.Reply("yes"), opening: opening)
        } catch {
            return .no(Self.reason(error))
        }
    }

    /// Remembers where a peer is and what it holds, for after a restart. Peers that do not listen are not remembered.
    func note(_ record: PeerRecord) async {
        guard record.port != 0 else { return }
        let (store, now) = (store, clock.unixSeconds)
        let sighting = TrackerSighting(
            account: record.name, peer: record.peer, address: record.address, port: record.port, seen: now, modules: record.modules)
        try? await onFiles { () throws(TalkootError) in try store.note(sighting) }
    }

    // MARK: Parts

    private static let wrongPassword = "wrong name or password"

    /// The reason in a reply, not longer than a reason may be.
    static func reason(_ error: TalkootError) -> String {
        switch error.code {
        case .inputOutput, .internalError, .badData: "the tracker has trouble with its disk; try again later"
        default: error.description
        }
    }

    private func newToken(for account: String, _ remote: RemotePeer) async throws(TalkootError) -> String {
        let (store, token, now) = (store, LoginToken(), clock.unixSeconds)
        let record = TrackerToken(
            hash: token.hash, account: account, peer: remote.peer, created: now, expires: now + TrackerLimits.tokenSeconds)
        try await onFiles { () throws(TalkootError) in try store.addToken(record) }
        return token.text
    }

    /// What the peer said it holds when it was here last.
    private func heldModules(_ account: String, _ remote: RemotePeer) async throws(TalkootError) -> [String] {
        let store = store
        let sightings = try await onFiles { () throws(TalkootError) in try store.sightings(of: account) }
        return sightings.first { $0.peer == remote.peer }?.modules ?? []
    }

    /// Begins an attempt; the reason when there were too many. Loopback is one's own machine and counts by account only.
    private func begin(_ account: String?, _ remote: RemotePeer, at now: Tick) -> String? {
        let wait = throttle.withLock { $0.begin(account: account, network: Self.network(remote), at: now) }
        return wait.map { "too many attempts; wait \(Int($0.rounded(.up))) s" }
    }

    private func forgive(_ account: String?, _ remote: RemotePeer, begun: Tick) {
        throttle.withLock { $0.forgive(account: account, network: Self.network(remote), begun: begun) }
    }

    private static func network(_ remote: RemotePeer) -> String? {
        remote.isLoopback ? nil : LoginThrottle.network(of: remote.address)
    }
}
