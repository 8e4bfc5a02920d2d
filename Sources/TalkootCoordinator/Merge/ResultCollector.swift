import TalkootCore

/// Turns results, given in unit order, into the job's output; used by one thread.
///
/// With `merge` they are folded by a ``MergeTree``; without it they are concatenated. With `finish` the outcome goes through
/// it. Without either the results stream to the output file and are never held.
struct ResultCollector {
    private enum Gathering {
        case tree(MergeTree)
        case concatenation([UInt8])
        case stream(OutputFile)
    }

    private let cell: OwnCell
    private let destination: OutputDestination
    private let finishes: Bool
    private var gathering: Gathering

    /// Begins to collect; the cell is started to learn what the module has.
    ///
    /// - Throws: ``TalkootError`` when the cell cannot be started or the output cannot be created.
    init(cell: OwnCell, destination: OutputDestination) throws(TalkootError) {
        self.cell = cell
        self.destination = destination
        finishes = try cell.hasFinish()
        if try cell.hasMerge() {
            gathering = .tree(MergeTree())
        } else if finishes || destination.path == nil {
            gathering = .concatenation([])
        } else {
            gathering = .stream(try OutputFile(path: destination.filePath))
        }
    }

    /// Takes the next unit's result.
    ///
    /// - Throws: ``TalkootError`` `job-failed` with the words of the module's `merge`, `input-output` when the disk is full.
    mutating func add(_ result: ArraySlice<UInt8>) throws(TalkootError) {
        switch gathering {
        case .tree(var tree):
            gathering = .concatenation([])
            try tree.add(Array(result), fold: cell.merge)
            gathering = .tree(tree)
        case .concatenation(var bytes):
            gathering = .concatenation([])
            bytes += result
            gathering = try bounded(bytes)
        case .stream(let file): try file.append(Array(result))
        }
    }

    /// Makes the output and puts it where it belongs.
    ///
    /// - Throws: ``TalkootError`` `job-failed` with the module's words, `cannot-create` or `input-output` when it cannot be written.
    mutating func finish() throws(TalkootError) -> JobOutput {
        let bytes: [UInt8]
        switch gathering {
        case .tree(var tree): bytes = try tree.finish(fold: cell.merge) ?? []
        case .concatenation(let all): bytes = all
        case .stream(let file):
            try file.commit()
            return .file(path: file.path, byteCount: file.byteCount)
        }
        return try destination.deliver(finishes ? try cell.finish(bytes) : bytes)
    }

    /// Results without `merge` are held for `finish` up to a limit, and for the caller up to another: then they go to a file.
    private func bounded(_ bytes: [UInt8]) throws(TalkootError) -> Gathering {
        if finishes {
            guard bytes.count <= CoordinatorLimits.concatenationBytes else {
                throw TalkootError(
                    .jobFailed, "the results are larger than the \(CoordinatorLimits.concatenationBytes >> 20) MiB that finish can take",
                    remedy: "the module's author must add a merge")
            }
            return .concatenation(bytes)
        }
        guard bytes.count > Coordinator.outputInMemoryBytes else { return .concatenation(bytes) }
        let file = try OutputFile(path: destination.filePath)
        try file.append(bytes)
        return .stream(file)
    }
}

/// Where a job's output goes.
struct OutputDestination: Sendable {
    /// The file the requester named; `nil` hands the bytes back.
    var path: String?
    /// The job's own directory, for an output too large to hand back.
    var directory: String

    /// The file that is written when one is.
    var filePath: String { path ?? directory + "/output" }

    /// Writes the output to its file, or hands it back when none was named and it is not too large.
    ///
    /// - Throws: ``TalkootError`` `cannot-create` or `input-output`.
    func deliver(_ bytes: [UInt8]) throws(TalkootError) -> JobOutput {
        if path == nil, bytes.count <= Coordinator.outputInMemoryBytes { return .bytes(bytes) }
        let file = try OutputFile(path: filePath)
        try file.append(bytes)
        try file.commit()
        return .file(path: file.path, byteCount: file.byteCount)
    }
}
