import TalkootCore

/// A small job that the module is tried with.
struct TrialJob: Sendable {
    let name: String
    let parameters: [String: ParameterValue]
    let input: [UInt8]?
    /// Where each item of the input ends; empty without an input.
    let itemEnds: [Int]
    /// What must come out, when that is known.
    let sample: Manifest.Sample?

    init(name: String, parameters: [String: ParameterValue], input: [UInt8]?, kind: InputKind, sample: Manifest.Sample? = nil) {
        (self.name, self.parameters, self.sample) = (name, parameters, sample)
        // A record that is cut off is an error of the input, which a coordinator refuses before the module sees it.
        let (ends, usable) = input.map { Self.ends(of: $0, kind: kind) } ?? ([], 0)
        self.input = input.map { Array($0[..<usable]) }
        itemEnds = ends
    }

    private static func ends(of input: [UInt8], kind: InputKind) -> ([Int], Int) {
        var scanner = ItemScanner(kind: kind)
        var ends: [Int] = []
        var place = 0
        input.withUnsafeBytes { bytes in
            while place < bytes.count {
                let step = scanner.scan(UnsafeRawBufferPointer(rebasing: bytes[place...]), items: 1)
                place += step.bytes
                if step.items > 0 { ends.append(place) }
                if step.bytes == 0 { break }
            }
        }
        guard ends.last != input.count, !input.isEmpty else { return (ends, input.count) }
        guard (try? scanner.finish()) == true else { return (ends, ends.last ?? 0) }
        return (ends + [input.count], input.count)
    }

    /// The bytes of a run of items.
    func bytes(ofItems items: Range<UInt64>) -> [UInt8] {
        guard let input, !items.isEmpty else { return [] }
        let start = items.lowerBound == 0 ? 0 : itemEnds[Int(items.lowerBound) - 1]
        return Array(input[start..<itemEnds[Int(items.upperBound) - 1]])
    }
}
