import Logging
import Synchronization
import TalkootCore

/// What volunteers are served from, opened with the first of them: a job without any opens no package and starts no thread.
final class VolunteerService: Sendable {
    private let opened = Mutex<(reads: ReadService, seed: SwarmSeed)?>(nil)

    /// What was sent to volunteers: bytes of the package and of the input.
    var sent: (package: UInt64, input: UInt64) { opened.withLock { $0 }?.seed.sent ?? (0, 0) }

    /// The reading thread, and what is read.
    ///
    /// - Throws: ``TalkootError`` `not-found` or `input-output` when the package cannot be read.
    func open(_ job: CoordinatedJob, logger: Logger) throws(TalkootError) -> (reads: ReadService, seed: SwarmSeed) {
        if let both = opened.withLock({ $0 }) { return both }
        let package = try PackageFile(path: job.module.packagePath)
        let fresh = (reads: try ReadService(), seed: SwarmSeed(job: job, package: package, logger: logger))
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
