import TalkootCore

/// Reads the input of a run of units in order, for a local slot; used by one thread.
struct UnitReader {
    private let file: InputFile
    private let shape: JobShape
    private var splitter: InputSplitter
    private var bytes: Range<UInt64>
    private var next: UInt64

    /// Opens the bytes of `units`.
    ///
    /// - Throws: ``TalkootError`` `input-output` or `bad-data` when the file cannot be read or was changed.
    init(file: InputFile, shape: JobShape, units: Range<UInt64>) throws(TalkootError) {
        self.file = file
        self.shape = shape
        splitter = InputSplitter(kind: file.index.kind, itemsPerUnit: shape.itemsPerUnit)
        bytes = try file.byteRange(ofItems: shape.items(ofUnits: units))
        next = units.lowerBound
    }

    /// The bytes of the next units and where each ends; starts over where they do not follow on the last ones.
    ///
    /// - Throws: ``TalkootError`` `input-output` or `bad-data` when the file cannot be read or was changed.
    mutating func read(_ units: Range<UInt64>) throws(TalkootError) -> (bytes: [UInt8], ends: [Int]) {
        if units.lowerBound != next { self = try UnitReader(file: file, shape: shape, units: units.lowerBound..<shape.units) }
        while splitter.completeUnits < units.count, !bytes.isEmpty {
            let piece = bytes.lowerBound..<min(bytes.lowerBound + UInt64(InputFile.pieceBytes), bytes.upperBound)
            splitter.append(try file.read(piece))
            bytes = piece.upperBound..<bytes.upperBound
            if bytes.isEmpty { try splitter.finish() }
        }
        guard splitter.completeUnits >= units.count else { throw InputFile.changed(file.path) }
        next = units.upperBound
        return splitter.take(units.count)
    }
}
