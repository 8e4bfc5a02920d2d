import TalkootCoordinator
import TalkootCore
import TalkootPackaging
import TalkootSandbox
import TalkootStore

/// What a job has so far, as an output.
enum PartialOutput {
    /// Merges the results that are there into `path`.
    ///
    /// - Throws: ``TalkootError`` `notFound` when the module is not here, else of ``PartialResult/make(directory:module:launcher:to:)``.
    static func make(_ listing: JobListing, home: Home, launcher: CellLauncher, to path: String) async throws(TalkootError) -> PartialResult
    {
        let digest = listing.record.module.digest
        guard let package = try home.moduleStore.package(digest) else {
            throw TalkootError(
                .notFound, "the module \(listing.record.module.name) is no longer here", remedy: "get it with `talkoot module fetch`")
        }
        let directory = listing.directory
        return try await OwnThread.run { () throws(TalkootError) in
            try PartialResult.make(directory: directory, module: try JobModule(package), launcher: launcher, to: path)
        }
    }

    /// How much it is, in words.
    static func words(_ result: PartialResult) -> String {
        let part = result.isPrefix ? "the first \(result.units)" : "\(result.units)"
        let words = "\(part) of \(ProgressText.count(Int(clamping: result.unitsInAll), "unit"))"
        return result.isProvisional ? words + ", not all verified yet" : words
    }
}
