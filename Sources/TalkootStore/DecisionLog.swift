import Foundation
import Glibc
import Synchronization
public import TalkootCore

/// The decisions about a job, or of a volunteer or coordinator, a JSON object a line, in `<directory>/decisions.jsonl`.
///
/// A line is handed to the kernel before ``note(_:)`` returns, so it survives a kill of the process at any moment; what must survive a
/// power cut too (results, failures, convictions, the job's state) is in the journal besides. Two files of ``fileBytes`` at most:
/// the older half is dropped when the newer one is full. A decision that repeats one of the last ``rememberedLines`` within
/// ``repeatSeconds`` is not written again. A log that cannot be written stops nothing.
public final class DecisionLog: Sendable {
    /// The most bytes in one of the two files.
    public static let fileBytes = 1 << 20
    /// How many decisions are remembered to find repetitions.
    public static let rememberedLines = 64
    /// After how many seconds a repetition is written again.
    public static let repeatSeconds: Int64 = 600

    private struct State {
        var descriptor: Int32 = -1
        var byteCount = 0
        var recent: [Decision] = []
    }

    private let path: String
    private let state = Mutex(State())

    /// Opens the log in a directory; it is made with the first decision.
    public init(directory: String) { path = Self.path(in: directory) }

    deinit {
        state.withLock { state in
            if state.descriptor >= 0 { close(state.descriptor) }
        }
    }

    /// Appends a decision; any thread, never waits for a disk.
    public func note(_ decision: Decision) {
        state.withLock { state in
            let isOld = { (other: Decision) in decision.repeats(other) && decision.time - other.time < Self.repeatSeconds }
            guard !state.recent.contains(where: isOld), let text = try? RowText.encode(decision) else { return }
            state.recent.append(decision)
            if state.recent.count > Self.rememberedLines { state.recent.removeFirst() }
            let line = Array((text + "\n").utf8)
            guard prepare(&state, forBytes: line.count) else { return }
            let written = write(state.descriptor, line, line.count)
            if written > 0 { state.byteCount += written }
        }
    }

    /// All decisions that are kept, oldest first; none when there is no log. Lines that cannot be read are left out.
    ///
    /// - Throws: ``TalkootError`` `input-output` when a file cannot be read.
    public static func read(directory: String) throws(TalkootError) -> [Decision] {
        var decisions: [Decision] = []
        let decoder = JSONDecoder()
        for path in [older(path(in: directory)), path(in: directory)] where FileSystem.exists(path) {
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw TalkootError(.inputOutput, "cannot read \(path)", remedy: "check its permissions")
            }
            for line in bytes.prefix(2 * fileBytes).split(separator: 10) {
                if let decision = try? decoder.decode(Decision.self, from: Data(line)) { decisions.append(decision) }
            }
        }
        return decisions
    }

    private static func path(in directory: String) -> String { directory + "/decisions.jsonl" }

    private static func older(_ path: String) -> String { path + ".older" }

    /// Opens the file, or begins a new one when it is full.
    private func prepare(_ state: inout State, forBytes count: Int) -> Bool {
        if state.descriptor >= 0, state.byteCount + count > Self.fileBytes {
            close(state.descriptor)
            state.descriptor = -1
            rename(path, Self.older(path))
        }
        guard state.descriptor < 0 else { return true }
        state.descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard state.descriptor >= 0 else { return false }
        state.byteCount = Int(max(0, lseek(state.descriptor, 0, SEEK_END)))
        // A line that a kill cut in two ends here.
        if state.byteCount > 0 { state.byteCount += max(0, write(state.descriptor, "\n", 1)) }
        return true
    }
}
