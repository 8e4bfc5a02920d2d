import Glibc
import TalkootCore

/// The file by which `talkoot cancel` tells the process that works on a job to give it up.
enum CancelMarker {
    /// Whether the job is to be given up.
    static func isSet(directory: String) -> Bool { FileBytes.exists(path(directory)) }

    /// Asks the process that works on the job to give it up.
    ///
    /// - Throws: ``TalkootError`` `cannotCreate`.
    static func set(directory: String) throws(TalkootError) { try FileBytes.replace(path(directory), with: []) }

    /// Takes the question back.
    static func remove(directory: String) { unlink(path(directory)) }

    private static func path(_ directory: String) -> String { directory + "/cancel" }
}
