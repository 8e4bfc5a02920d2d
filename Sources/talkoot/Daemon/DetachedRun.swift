import Glibc
import TalkootCoordinator
import TalkootCore
import TalkootPackaging
import TalkootPeer

/// `run --detach`: hands a job to a coordinator and leaves.
struct DetachedRun: Sendable {
    let home: Home
    /// A coordinator elsewhere; `nil` for the one that runs with this home.
    let address: String?
    let package: ModulePackage
    /// What is asked, all but input and output.
    var order: SubmitOrder

    /// Submits the job; it is durable when this returns.
    ///
    /// - Throws: ``TalkootError`` for an input or output that is not there, and what the coordinator says.
    func submit(input: String?, output: String?) async throws(TalkootError) -> SubmitAnswer {
        let directory = home.directory(of: order.job)
        do throws(TalkootError) {
            var order = order
            if let output {
                guard address == nil else {
                    throw TalkootError(
                        .usage, "a coordinator elsewhere writes no file here",
                        remedy: "leave out --output, and fetch the output with `talkoot result JOB --output FILE --at …`")
                }
                try JobDelivery.check(output)
                order.outputPath = Home.absolute(output)
            }
            let inputPath = try JobInput.resolve(package.manifest, flag: input, directory: directory)
            if address == nil {
                order.inputPath = inputPath
            } else if let inputPath {
                order.inputBytes = try Self.size(of: inputPath)
            }
            let (complete, path) = (order, package.path)
            let answer = try await CoordinatorPlace.use(address, home: home) { line throws(TalkootError) in
                try await line.submit(complete, package: path, input: inputPath)
            }
            if address != nil { JobListing.removeUnborn(directory) }
            return answer
        } catch {
            JobListing.removeUnborn(directory)
            throw error
        }
    }

    private static func size(of path: String) throws(TalkootError) -> UInt64 {
        var status = stat()
        guard stat(path, &status) == 0 else { throw FileFault.reading(path) }
        return UInt64(max(0, status.st_size))
    }
}
