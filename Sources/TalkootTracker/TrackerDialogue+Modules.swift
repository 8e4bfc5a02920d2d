import Logging
import Synchronization
import TalkootCore
import TalkootPeer
import TalkootProtocol
import TalkootStore

extension TrackerDialogue {
    // MARK: Search

    /// Sends the modules that match.
    func sendModules(_ get: Message.Get) async {
        guard let pattern = ModulePattern(get.moduleName ?? "") else { return no("a pattern has at most \(ModulePattern.bytes) bytes") }
        do throws(TalkootError) {
            let store = tracker.store
            let modules = try await tracker.onFiles { () throws(TalkootError) in try store.modules() }
            let chosen = modules.filter {
                pattern.matches(name: $0.name, version: $0.version) && Self.isBy(get.publisher, $0)
            }
            send(RecordCodec.encode(chosen.map(Self.record), as: form))
        } catch {
            no(TrackerService.reason(error))
        }
    }

    /// Whether somebody means this module's uploader by name, or its signer by the beginning of the key's id.
    private static func isBy(_ publisher: String?, _ module: TrackerModule) -> Bool {
        guard let publisher, !publisher.isEmpty else { return true }
        return module.uploader == publisher || module.publisher?.hasPrefix(publisher) ?? false
    }

    private static func record(_ module: TrackerModule) -> ModuleRecord {
        ModuleRecord(
            name: module.name, version: module.version, digest: module.digest, size: module.sizeBytes, publisher: module.publisher,
            uploader: module.uploader, yanked: module.yanked)
    }

    // MARK: Yanking

    /// Withdraws a version, or takes that back.
    func yank(_ yank: Message.Yank) async {
        guard let account = tracker.directory.withLock({ $0.session(id)?.name }) else { return refuseYank("log in first") }
        let parts = yank.moduleName.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let version = SemanticVersion(parts[1]) else { return refuseYank("modname is NAME@VERSION") }
        let reason = yank.reason.map { String($0.prefix(TrackerLimits.yankReasonCharacters)) }
        guard reason?.isEmpty != true else { return refuseYank("say why: people will read it in place of the module") }
        do throws(TalkootError) {
            let store = tracker.store
            let verdict = try await tracker.onFiles { () throws(TalkootError) in
                try store.yank(parts[0], version, reason: reason, by: account)
            }
            switch verdict {
            case .done:
                tracker.logger.info(
                    reason == nil ? "yank taken back" : "module yanked",
                    metadata: ["name": "\(parts[0])", "version": "\(version)", "by": "\(account)"])
                connection.send(.yankReply(Message.Reply("yes")))
            case .unknown: refuseYank("there is no module \(yank.moduleName.prefix(TrackerLimits.nameBytes)) here")
            case .notYours(let module): refuseYank("\(module.name) belongs to \(module.uploader), who alone may yank it")
            }
        } catch {
            refuseYank(TrackerService.reason(error))
        }
    }

    private func refuseYank(_ reason: String) { connection.send(.yankReply(Message.Reply("no", reason: reason))) }
}
