import TalkootCore
import TalkootStore

/// The journal of a job on which this process has just stopped to work: threads that end may hold it for some milliseconds more.
enum ReleasedJournal {
    /// How long it is waited for, in seconds.
    static let patienceSeconds = 10.0

    /// Opens it for writing.
    ///
    /// - Throws: ``TalkootError`` `tryLater` when it stays in use, else as ``JobJournal/open(directory:access:)``.
    static func open(_ directory: String) async throws(TalkootError) -> JobJournal {
        let end = ContinuousClock.now + .seconds(patienceSeconds)
        while true {
            do throws(TalkootError) {
                return try JobJournal.open(directory: directory, access: .exclusive)
            } catch {
                guard error.code == .tryLater, ContinuousClock.now < end else { throw error }
            }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { throw TalkootError(.interrupted, "interrupted") }
        }
    }
}
