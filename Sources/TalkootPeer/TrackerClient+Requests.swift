import NIOCore
public import TalkootCore
public import TalkootProtocol

extension TrackerClient {
    // MARK: Accounts

    /// Makes an account.
    ///
    /// - Throws: ``TalkootError`` with code `refused` when the name is taken or the tracker says no.
    public func signup(name: String, password: String) async throws(TalkootError) {
        let reply = try await ask(.signup(Message.Credentials(name: name, password: password))) { message in
            if case .signupReply = message { true } else { false }
        }
        if case .signupReply(let answer) = reply.message, answer.content == "exists" {
            throw TalkootError(.refused, answer.reason ?? "the name \(name) is taken", remedy: "choose another name, or log in")
        }
        _ = try expectYes(reply.message, to: "signup")
    }

    /// Opens a session with a password. Gives a token for ``authenticate(token:port:status:)``.
    ///
    /// - Throws: ``TalkootError`` with code `refused` when name or password is wrong.
    public func login(
        name: String, password: String, port: UInt16 = 0, status: String = "offline"
    ) async throws(TalkootError) -> String? {
        let credentials = Message.Credentials(name: name, password: password, port: port, status: status)
        let reply = try await ask(.login(credentials)) { message in
            if case .loginReply = message { true } else { false }
        }
        return try expectYes(reply.message, to: "login").token
    }

    /// Opens a session with a token.
    ///
    /// - Throws: ``TalkootError`` with code `refused` when the token is unknown, expired or another peer's.
    public func authenticate(token: String, port: UInt16 = 0, status: String = "offline") async throws(TalkootError) {
        let authentication = Message.Authentication(token: token, port: port, status: status)
        let reply = try await ask(.authenticate(authentication)) { message in
            if case .loginReply = message { true } else { false }
        }
        _ = try expectYes(reply.message, to: "auth")
    }

    // MARK: Lists

    /// The peers that the tracker knows.
    ///
    /// - Throws: ``TalkootError`` with the tracker's code.
    public func peerList() async throws(TalkootError) -> [PeerRecord] {
        let body = try await list(Message.Get("peerlist"))
        do throws(Message.Fault) { return try RecordCodec.decodePeers(body) } catch { throw error.error }
    }

    /// The modules that the tracker holds: those that match `pattern`, and are by `publisher` (an account, or the beginning of a key's id) when
    /// one is named. Names in order, newest versions first; yanked ones too.
    ///
    /// - Throws: ``TalkootError`` with the tracker's code.
    public func moduleList(matching pattern: ModulePattern? = nil, by publisher: String? = nil) async throws(TalkootError) -> [ModuleRecord]
    {
        let body = try await list(Message.Get("modlist", moduleName: pattern?.description, publisher: publisher))
        do throws(Message.Fault) { return try RecordCodec.decodeModules(body) } catch { throw error.error }
    }

    private func list(_ get: Message.Get) async throws(TalkootError) -> ByteBuffer {
        let reply = try await ask(.get(get), sink: .memory(limitBytes: Limits.listBytes), accepts: Self.isGetReply)
        try Self.expectBody(reply.message, of: get.content)
        return reply.body
    }

    private static let isGetReply: @Sendable (Message) -> Bool = { message in
        if case .getReply = message { true } else { false }
    }

    private static func expectBody(_ message: Message, of content: String) throws(TalkootError) {
        guard case .getReply(let answer) = message, answer.response == "yes", answer.size != nil else {
            guard case .getReply(let answer) = message, let reason = answer.reason else {
                throw TalkootError(.refused, "the tracker does not give its \(content)", remedy: "log in first")
            }
            throw TalkootError(.refused, reason)
        }
    }

    // MARK: Modules

    /// Downloads a module's package to a new file, synced to disk; the caller verifies it. Gives its size in bytes.
    ///
    /// `reference` is `NAME`, `NAME@VERSION` or a digest.
    /// - Throws: ``TalkootError`` with code `notFound` when the tracker has none, `badData` when it is larger than
    ///   ``Limits/packageBytes``, `cannotCreate` or `inputOutput` when the file cannot be written. The file is removed then.
    public func fetchModule(_ reference: String, to path: String) async throws(TalkootError) -> UInt64 {
        let file = try SyncedFile(creating: path, mode: 0o644)
        do throws(TalkootError) {
            let reply = try await ask(.get(Message.Get("module", moduleName: reference)), sink: .file(file), accepts: Self.isGetReply)
            guard case .getReply(let answer) = reply.message, answer.response == "yes", let size = answer.size else {
                var reason: String?
                if case .getReply(let answer) = reply.message { reason = answer.reason }
                throw TalkootError(
                    .notFound, reason ?? "the tracker has no module \(reference)", remedy: "see talkoot modules for those that it has")
            }
            try file.finish()
            return size
        } catch {
            file.discard()
            throw error
        }
    }

    /// Uploads a package from a file. Needs a session.
    ///
    /// - Throws: ``TalkootError`` with code `refused` and the tracker's reason, `notFound` when there is no such file, `badData`
    ///   when it is larger than ``Limits/packageBytes``.
    public func publish(name: String, path: String) async throws(TalkootError) {
        let upload = try ModuleUpload(path: path)
        let reply = try await ask(.publish(Message.Publication(moduleName: name, size: upload.bytes)), body: upload) { message in
            if case .publishReply = message { true } else { false }
        }
        _ = try expectYes(reply.message, to: "publish")
    }

    /// Withdraws a version of one's own module with a reason, or takes that back with `nil`. Needs a session.
    ///
    /// - Throws: ``TalkootError`` with code `refused` and the tracker's reason.
    public func yank(name: String, version: SemanticVersion, reason: String?) async throws(TalkootError) {
        let reply = try await ask(.yank(Message.Yank(moduleName: "\(name)@\(version)", reason: reason))) { message in
            if case .yankReply = message { true } else { false }
        }
        _ = try expectYes(reply.message, to: "yank")
    }

    // MARK: A session

    /// Says which modules this peer holds. Needs a session.
    ///
    /// - Throws: ``TalkootError`` with code `unreachable` when the connection is gone, or the tracker's.
    public func announce(modules: [String]) async throws(TalkootError) {
        _ = try await askStatus(of: "", after: .moduleList(modules))
    }

    /// Sets the own status, slots, level and platform, and waits until the tracker has taken them. Needs a session.
    ///
    /// - Throws: ``TalkootError`` with the tracker's code.
    public func setStatus(_ status: Message.Status) async throws(TalkootError) {
        _ = try await askStatus(of: "", after: .status(status))
    }

    /// Asks for somebody's status; for one's own with an empty name.
    ///
    /// - Throws: ``TalkootError`` with code `notFound` when nobody has that name.
    public func status(of name: String) async throws(TalkootError) -> Message.Status {
        try await askStatus(of: name)
    }

    private func askStatus(of name: String, after statement: Message? = nil) async throws(TalkootError) -> Message.Status {
        let reply = try await ask(.status(Message.Status(name: name)), after: statement) { message in
            if case .status = message { true } else { false }
        }
        guard case .status(let status) = reply.message else { throw TalkootError(.badData, "the tracker's answer is no status") }
        return status
    }

    /// Asks the tracker whether a port of this machine can be dialled from outside. It tries, so it takes up to 5 s.
    ///
    /// - Throws: ``TalkootError`` with the tracker's code.
    public func checkReach(port: UInt16) async throws(TalkootError) -> Message.ReachReply {
        let reply = try await ask(.reach(Message.ReachQuestion(port: port))) { message in
            if case .reachReply = message { true } else { false }
        }
        guard case .reachReply(let found) = reply.message else { throw TalkootError(.badData, "the tracker's answer is no finding") }
        return found
    }

    /// Makes sure that the tracker is still there. To be called about once a minute in a long session.
    ///
    /// - Throws: ``TalkootError`` with code `unreachable` when it does not answer.
    public func ping() async throws(TalkootError) { _ = try await status(of: "") }

    /// Says `quit` and closes.
    public func quit() async {
        connection.send(.quit)
        connection.close()
        // A channel that is closed may be all that is left of its loop.
        if connection.channel.isActive { try? await connection.channel.closeFuture.get() }
    }
}
