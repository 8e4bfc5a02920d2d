import Glibc
import NIOCore
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol

extension PeerSession {
    /// Answers everything that is not about a job under way; the original messages among them.
    func answer(_ message: Message, on connection: PeerConnection) {
        switch message {
        case .request(let request): answer(request, on: connection)
        case .get(let get): answer(get, on: connection)
        case .status(let status): answer(status, on: connection)
        case .quit: connection.close()
        case .hello, .moduleList: break
        case .signup: connection.send(.signupReply(.init("no", reason: Self.notATracker)))
        case .login, .authenticate: connection.send(.loginReply(.init("no", reason: Self.notATracker)))
        case .publish:
            // Its body follows and is not wanted.
            connection.send(.publishReply(.init("no", reason: Self.notATracker)))
            connection.close()
        default: decide { work, _ in work.violation("a volunteer has no use for this", regarding: message.typeName) }
        }
    }

    private static let notATracker = "this is a volunteer, not a tracker"

    /// A request without a job, in the original form, or one that came in lines: answered by policy, and nothing follows.
    private func answer(_ request: Message.WorkRequest, on connection: PeerConnection) {
        guard request.job == nil else {
            return connection.send(.response(.init(reply: "no", reason: "work is done over frames", job: request.job?.id)))
        }
        background(on: connection) { [self] in connection.send(.response(agent.answer(request))) }
    }

    private func answer(_ get: Message.Get, on connection: PeerConnection) {
        switch get.content {
        case "modlist":
            background(on: connection) { [self] in
                let names = connection.features.contains(Feature.records) ? nil : agent.modules.map(\.manifest.name)
                let body = names.map(ModuleListBody.names) ?? ModuleListBody.records(agent.modules)
                connection.send(.getReply(.init("yes", size: UInt64(body.readableBytes))), body: body)
            }
        case "module": background(on: connection) { [self] in sendModule(get.moduleName ?? "", on: connection) }
        case "peerlist": connection.send(.getReply(.init("no", reason: "a volunteer keeps no list of peers; ask a tracker")))
        default: connection.send(.getReply(.init("no", reason: "peerlist, modlist and module can be had")))
        }
    }

    /// Sends a package that lies here. Nothing else is read from the connection meanwhile.
    private func sendModule(_ name: String, on connection: PeerConnection) {
        // A path is a reference too, for the owner: not for others.
        guard !name.isEmpty, !name.contains("/"), !name.hasSuffix(".talkoot"), let package = try? agent.store.find(name) else {
            return connection.send(.getReply(.init("no", reason: "there is no such module here")))
        }
        let descriptor = open(package.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return connection.send(.getReply(.init("no", reason: "the module cannot be read"))) }
        connection.pauseReading()
        let sender = BodySender(descriptor: descriptor, bytes: UInt64(package.fileBytes), connection: connection, errands: agent.errands) {
            [weak self] in
            self?.state.withLock { $0.body = nil }
            connection.resumeReading()
        }
        let isOpen = state.withLock { state in
            guard state.connection != nil else { return false }
            state.body = sender
            return true
        }
        guard isOpen else { return sender.close() }
        connection.send(.getReply(.init("yes", size: UInt64(package.fileBytes))))
        sender.proceed()
    }

    private func answer(_ status: Message.Status, on connection: PeerConnection) {
        guard status.status == nil else {
            return connection.send(
                .error(.init(regarding: "status", code: TalkootError.Code.refused.rawValue, reason: "a volunteer sets its own status")))
        }
        var answer = agent.status
        answer.name = agent.accountName
        connection.send(.status(answer))
    }

    /// Runs work with files elsewhere; replies keep their order, since there is one thread for it.
    private func background(on connection: PeerConnection, _ body: @escaping @Sendable () -> Void) {
        guard !agent.errands.add(body) else { return }
        connection.send(.error(.init(regarding: "", code: TalkootError.Code.tryLater.rawValue, reason: "this volunteer is busy")))
    }
}

extension Agent {
    /// The answer to a request without a job: whether this volunteer would run that module now. Reads the store.
    func answer(_ request: Message.WorkRequest) -> Message.WorkResponse {
        guard governor.withLock({ $0.isOpen }) else { return Message.WorkResponse(reply: "no", reason: "this volunteer is busy") }
        let name = request.moduleName
        guard !name.contains("/"), !name.hasSuffix(".talkoot"), let package = try? store.find(name) else {
            return Message.WorkResponse(reply: "no", reason: "there is no module \(JobRequestSummary.line(name)) here")
        }
        let isTrusted =
            configuration.trusted.contains(package.digest.description) || package.publisher.map(configuration.trusted.contains) ?? false
        guard configuration.accept == .any || isTrusted else {
            return Message.WorkResponse(reply: "no", reason: "the module is not trusted here")
        }
        return Message.WorkResponse(reply: "yes")
    }

    /// The account's name at the first tracker; empty without one.
    var accountName: String {
        switch configuration.trackers.first?.credential {
        case .password(let name, _), .token(let name, _): name
        case nil: ""
        }
    }
}

/// The body of the answer to `get modlist`.
enum ModuleListBody {
    /// The original form: an array of names, each once.
    static func names(_ names: [String]) -> ByteBuffer {
        ByteBuffer(string: "[" + Set(names).sorted().map { "\"\($0)\"" }.joined(separator: ",") + "]")
    }

    /// Full records. Every text in them is made of characters that JSON needs no escapes for: names, versions, digests and key ids.
    static func records(_ packages: [ModulePackage]) -> ByteBuffer {
        let records = packages.map { package in
            var fields = [
                "\"name\":\"\(package.manifest.name)\"", "\"version\":\"\(package.manifest.version)\"",
                "\"digest\":\"\(package.digest)\"", "\"size\":\(package.fileBytes)",
            ]
            if let publisher = package.publisher { fields.append("\"publisher\":\"\(publisher)\"") }
            fields.append("\"uploader\":\"\"")
            return "{" + fields.joined(separator: ",") + "}"
        }
        return ByteBuffer(string: "[" + records.joined(separator: ",") + "]")
    }
}
