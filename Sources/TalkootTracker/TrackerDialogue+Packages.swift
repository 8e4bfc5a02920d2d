import Glibc
import Logging
import NIOCore
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
import TalkootStore

/// A package on its way in.
struct PackageUpload: Sendable {
    /// Where its bytes go.
    enum Target: Sendable {
        /// To a temporary file.
        case file(PackageFile)
        /// Nowhere: it is read past and then refused with this reason.
        case refused(String)
    }

    let moduleName: String
    let account: String
    var target: Target
    var received: UInt64 = 0
}

extension TrackerDialogue {
    // MARK: Out

    /// Sends a package's file in parts, no faster than the peer reads.
    func sendPackage(_ reference: String?) async {
        guard let reference, !reference.isEmpty else { return no("modname says which module") }
        do throws(TalkootError) {
            let store = tracker.store
            let lookup = try await tracker.onFiles { () throws(TalkootError) in try store.module(reference) }
            guard case .found(let module) = lookup else { return no(Self.reason(lookup, reference)) }
            let (file, size) = try await tracker.onFiles { () throws(TalkootError) -> (PackageFile, UInt64) in
                let file = try PackageFile(reading: store.packagePath(module.digest))
                return (file, try file.size())
            }
            connection.send(.getReply(Message.GetReply("yes", size: size)))
            try await send(file, size)
        } catch {
            no(TrackerService.reason(error))
        }
    }

    private static func reason(_ lookup: ModuleLookup, _ reference: String) -> String {
        guard case .yanked(let module) = lookup else { return "there is no module \(reference.prefix(TrackerLimits.nameBytes)) here" }
        let which = reference.contains("@") ? "" : ", as every version of it"
        return "\(module.name)@\(module.version) was yanked by \(module.uploader)\(which): \(module.yanked ?? ""); "
            + "to have it all the same, ask for it by its digest, \(module.digest)"
    }

    /// After the reply has announced `size` bytes, they come or the connection ends.
    private func send(_ file: PackageFile, _ size: UInt64) async throws(TalkootError) {
        var offset: UInt64 = 0
        while offset < size, !conversation.isClosed {
            let (start, count) = (offset, Int(min(UInt64(TrackerLimits.partBytes), size - offset)))
            do throws(TalkootError) {
                connection.sendBody(try await tracker.onFiles { () throws(TalkootError) in try file.read(count, at: start) })
            } catch {
                return connection.close(after: Message.Fault(error, regarding: "get"))
            }
            offset += UInt64(count)
            await conversation.waitForRoom(on: connection)
            tracker.heard(id, saidHello: false)
        }
    }

    // MARK: In

    /// A package is announced; its bytes come next whatever is said now, so the reply comes after them.
    func begin(_ publication: Message.Publication) async {
        let account = tracker.directory.withLock { $0.session(id)?.name }
        var upload = PackageUpload(moduleName: publication.moduleName, account: account ?? "", target: .refused("log in first"))
        defer { self.upload = upload }
        guard account != nil else { return }
        guard publication.size <= Limits.packageBytes else {
            upload.target = .refused("a package is at most \(NumberText.size(Limits.packageBytes))")
            return
        }
        let isFree = tracker.uploads.withLock { count in
            guard count < TrackerLimits.uploads else { return false }
            count += 1
            return true
        }
        guard isFree else {
            upload.target = .refused("busy: \(TrackerLimits.uploads) uploads at the moment; try again soon")
            return
        }
        do throws(TalkootError) {
            let path = tracker.store.temporaryPackagePath()
            upload.target = .file(try await tracker.onFiles { () throws(TalkootError) in try PackageFile(creating: path) })
        } catch {
            tracker.uploads.withLock { $0 -= 1 }
            upload.target = .refused(TrackerService.reason(error))
        }
    }

    /// A part of it came.
    func take(_ part: ByteBuffer, isLast: Bool) async {
        guard let current = upload else { return }
        if case .file(let file) = current.target, part.readableBytes > 0 {
            do throws(TalkootError) {
                try await tracker.onFiles { () throws(TalkootError) in try file.write(part, at: current.received) }
                upload?.received += UInt64(part.readableBytes)
            } catch {
                await discardUpload()
                upload = PackageUpload(
                    moduleName: current.moduleName, account: current.account, target: .refused(TrackerService.reason(error)))
            }
        }
        if isLast { await finishUpload() }
    }

    private func finishUpload() async {
        guard let current = upload else { return }
        switch current.target {
        case .refused(let reason): connection.send(.publishReply(Message.Reply("no", reason: reason)))
        case .file(let file):
            let (tracker, now) = (tracker, tracker.clock.unixSeconds)
            do throws(TalkootError) {
                let reply = try await tracker.onFiles { () throws(TalkootError) in
                    try Self.publish(file.path, as: current.moduleName, by: current.account, now: now, in: tracker.store)
                }
                tracker.logger.info(
                    "package published",
                    metadata: ["name": "\(current.moduleName)", "by": "\(current.account)", "taken": "\(reply.content)"])
                connection.send(.publishReply(reply))
            } catch {
                connection.send(.publishReply(Message.Reply("no", reason: TrackerService.reason(error))))
            }
        }
        await discardUpload()
    }

    /// Removes what came of an upload and makes room for another.
    func discardUpload() async {
        guard let current = upload else { return }
        upload = nil
        guard case .file(let file) = current.target else { return }
        tracker.uploads.withLock { $0 -= 1 }
        unlink(file.path)
    }

    /// Checks the whole package and puts it among the modules; blocks.
    private static func publish(
        _ path: String, as name: String, by account: String, now: Int64, in store: any TrackerStore
    ) throws(TalkootError) -> Message.Reply {
        let package: ModulePackage
        do throws(TalkootError) {
            package = try ModulePackage.read(path: path)
        } catch {
            guard error.code != .inputOutput else { throw error }
            let reason = error.description.replacing(path, with: "the package")
            return Message.Reply("no", reason: reason)
        }
        guard package.manifest.name == name else {
            return Message.Reply("no", reason: "the package holds the module \(package.manifest.name), not \(name)")
        }
        let module = TrackerModule(
            name: name, version: package.manifest.version, digest: package.digest, sizeBytes: UInt64(package.fileBytes),
            publisher: package.publisher, uploader: account, created: now)
        return reply(try store.addModule(module, package: path), module)
    }

    private static func reply(_ verdict: ModuleVerdict, _ module: TrackerModule) -> Message.Reply {
        switch verdict {
        case .accepted, .present: Message.Reply("yes")
        case .yanked(let reason):
            Message.Reply(
                "no",
                reason: "\(module.name)@\(module.version) was yanked here (\(reason)); raise the version, or take that back with --undo")
        case .versionTaken(let digest):
            Message.Reply("no", reason: "\(module.name)@\(module.version) is another package here (\(digest.short)); raise the version")
        case .nameTaken(let owner): Message.Reply("no", reason: "the name \(module.name) belongs to \(owner); choose another")
        case .tooMany: Message.Reply("no", reason: "you have \(TrackerDatabase.modulesPerAccount) modules here already")
        }
    }
}
