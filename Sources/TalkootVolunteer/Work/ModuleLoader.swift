import Glibc
import TalkootCore
import TalkootPackaging
import TalkootProtocol
import TalkootSandbox

/// Brings a job's module here, on a thread of its own: from the store, or piece by piece from the requester.
///
/// Nothing is kept of a package that is not, to the byte, the one that was asked for.
struct ModuleLoader {
    /// A module that may run.
    struct Loaded {
        var package: ModulePackage
        var image: LibraryImage
    }

    let store: ModuleStore
    let admission: Governor.Admission
    /// Starts the fetch.
    let begin: () -> Void
    /// The next bytes of the package; blocks. `isEnd` with the last ones.
    let pull: (UInt64) throws(TalkootError) -> (bytes: [UInt8], isEnd: Bool)
    /// The governor's last word, when publisher and name are known; `nil` when the job may run.
    let objection: (ModulePackage) -> TalkootError?

    /// Loads.
    ///
    /// - Throws: ``TalkootError`` in words for the requester: a package that cannot be had, is wrong, does not fit the job or this machine.
    func load() throws(TalkootError) -> Loaded {
        let package = if let kept = packageInStore() { kept } else { try fetch() }
        if let error = objection(package) { throw error }
        try package.manifest.check(admission.job.parameters)
        if package.manifest.input == .none, admission.job.inputBytes > 0 {
            throw TalkootError(.badData, "\(package.reference) reads no input, and the job has one", remedy: "run it without --input")
        }
        return Loaded(package: package, image: try LibraryImage(bytes: try package.library()))
    }

    /// The package as it lies here; a damaged copy counts as none.
    private func packageInStore() -> ModulePackage? {
        do {
            return try store.package(admission.job.module)
        } catch {
            return nil
        }
    }

    private func fetch() throws(TalkootError) -> ModulePackage {
        let path = try store.temporaryPath()
        defer { unlink(path) }
        try download(to: path)
        let package: ModulePackage
        do {
            package = try ModulePackage.read(path: path)
        } catch {
            throw TalkootError(error.code, error.message.replacing(path, with: "the package that came"), remedy: error.remedy)
        }
        guard package.digest == admission.job.module else {
            throw TalkootError(
                .badData,
                "the package that came is \(package.reference) (\(package.digest.short)), not module \(admission.job.module.short)",
                remedy: "send the package that the job names")
        }
        if let error = objection(package) { throw error }
        return try store.add(path: path)
    }

    private func download(to path: String) throws(TalkootError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.diskError("cannot keep the package") }
        defer { close(descriptor) }
        begin()
        var written: UInt64 = 0
        while true {
            let piece = try pull(written)
            var offset = 0
            while offset < piece.bytes.count {
                let count = piece.bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + offset, piece.bytes.count - offset) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Self.diskError("cannot keep the package") }
                offset += count
            }
            written += UInt64(offset)
            if piece.isEnd { return }
        }
    }

    private static func diskError(_ what: String) -> TalkootError {
        TalkootError(.inputOutput, "\(what): \(String(cString: strerror(errno)).lowercased())", remedy: "ask another volunteer")
    }
}

extension String {
    /// The text with every `old` replaced.
    fileprivate func replacing(_ old: String, with new: String) -> String {
        guard !old.isEmpty else { return self }
        return split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}
