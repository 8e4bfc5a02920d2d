import Synchronization
import TalkootCore

/// What volunteers are served from, opened with the first of them: a job without any opens no package and starts no thread.
final class VolunteerService: Sendable {
    private let opened = Mutex<(reads: ReadService, package: PackageFile)?>(nil)

    /// The reading thread and the package.
    ///
    /// - Throws: ``TalkootError`` `not-found` or `input-output` when the package cannot be read.
    func open(packagePath: String) throws(TalkootError) -> (reads: ReadService, package: PackageFile) {
        if let both = opened.withLock({ $0 }) { return both }
        let fresh = (reads: try ReadService(), package: try PackageFile(path: packagePath))
        return opened.withLock { opened in
            if let both = opened {
                fresh.reads.end()
                return both
            }
            opened = fresh
            return fresh
        }
    }

    /// Ends the reading thread.
    func end() { opened.withLock { $0 }?.reads.end() }
}
