extension Capsule {
    /// Reads a file's content.
    ///
    /// - Throws: ``TalkootError`` `badData` with the line that is wrong, when it is no capsule, of another version, damaged, or asks
    ///   for what no cell gives.
    public init(bytes: [UInt8]) throws(TalkootError) {
        guard bytes.count <= Self.limitBytes else { throw Self.fault("it has more than \(NumberText.size(UInt64(Self.limitBytes)))") }
        let start = Array(Self.magic.utf8)
        guard bytes.starts(with: start) else { throw Self.fault("it does not begin with \(Self.magic)") }
        guard let end = Self.headerEnd(bytes) else { throw Self.fault("its header has no end") }
        guard let text = String(validating: bytes[..<end], as: UTF8.self) else { throw Self.fault("its header is no text") }
        var header = try CapsuleHeader(text)
        guard header.version == "\(Self.version)" else {
            throw TalkootError(
                .badData, "this capsule has version \(header.version), and only \(Self.version) is known here",
                remedy: "use a newer talkoot")
        }
        let shape = JobShape(items: try header.number("items"), itemsPerUnit: try header.number("items-per-unit", in: 1 ... .max))
        let unit: UInt64 = try header.number("unit")
        guard unit < shape.units else { throw Self.fault("it has no unit \(unit)") }
        let checkpoint = Int(try header.number("checkpoint", in: 0...UInt64(Self.checkpointLimitBytes)))
        let (input, inputCount) = try header.input()
        let log = Int(try header.number("log", in: 0...UInt64(Self.logLimitBytes)))
        var rest = bytes[(end + 2)...]
        guard rest.count == checkpoint + inputCount + log else { throw Self.fault("it is cut short or too long") }
        func take(_ count: Int) -> [UInt8] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        self.init(
            job: try header.value("job", JobID.init), module: try header.value("module", { Digest($0) }), name: try header.name("name"),
            moduleVersion: try header.value("version", SemanticVersion.init), parameters: try header.parameters(), shape: shape, unit: unit,
            seed: try header.number("seed"), attempt: UInt32(try header.number("attempt", in: 0...UInt64(UInt32.max))),
            limits: try header.limits(), verdict: try header.verdict(), program: try header.text("program"),
            platform: try header.text("platform"), level: try header.level(), layers: try header.layers(),
            written: try header.value("written", { Int64($0) }), checkpoint: take(checkpoint))
        self.input = if case .bytes = input { .bytes(take(inputCount)) } else { input }
        self.log = take(log)
        try header.finish()
    }

    /// Where the empty line is that ends the header.
    private static func headerEnd(_ bytes: [UInt8]) -> Int? {
        let newline = UInt8(ascii: "\n")
        let last = min(bytes.count - 1, headerLimitBytes)
        return (0..<max(0, last)).first { bytes[$0] == newline && bytes[$0 + 1] == newline }
    }

    static func fault(_ what: String) -> TalkootError {
        TalkootError(.badData, "this is no sound capsule: \(what)", remedy: "take the file as talkoot wrote it")
    }
}

/// The lines of a capsule's header, each taken once.
private struct CapsuleHeader {
    /// The most parameters, and the most layers.
    static let repeatLimit = 256

    let version: Substring
    private var single: [Substring: Substring] = [:]
    private var parameterLines: [Substring] = []
    private var layerLines: [Substring] = []

    init(_ text: String) throws(TalkootError) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        version = (lines.popFirst() ?? "").dropFirst(Capsule.magic.count)
        for line in lines {
            guard let space = line.firstIndex(of: " ") else { throw Capsule.fault("a line has no value") }
            let (key, value) = (line[..<space], line[line.index(after: space)...])
            switch key {
            case "parameter": parameterLines.append(value)
            case "layer": layerLines.append(value)
            default: if single.updateValue(value, forKey: key) != nil { throw Capsule.fault("a line is there twice") }
            }
            guard parameterLines.count <= Self.repeatLimit, layerLines.count <= Self.repeatLimit, single.count <= Self.repeatLimit else {
                throw Capsule.fault("it has too many lines")
            }
        }
    }

    /// Nothing may be left that nobody asked for.
    func finish() throws(TalkootError) {
        if !single.isEmpty { throw Capsule.fault("it has lines that nobody knows") }
    }

    mutating func value<Value>(_ key: Substring, _ read: (String) -> Value?) throws(TalkootError) -> Value {
        guard let text = single.removeValue(forKey: key) else { throw Capsule.fault("it has no \(key)") }
        guard let value = read(String(text)) else { throw Capsule.fault("its \(key) is wrong") }
        return value
    }

    mutating func number(_ key: Substring, in range: ClosedRange<UInt64> = 0 ... .max) throws(TalkootError) -> UInt64 {
        try value(key) { UInt64($0).flatMap { range.contains($0) ? $0 : nil } }
    }

    mutating func text(_ key: Substring) throws(TalkootError) -> String { try value(key) { Capsule.unescaped($0) } }

    mutating func name(_ key: Substring) throws(TalkootError) -> String { try value(key) { Self.isName($0) ? $0 : nil } }

    mutating func level() throws(TalkootError) -> ConfinementLevel {
        try value("level") { Int($0).flatMap(ConfinementLevel.init) }
    }

    mutating func verdict() throws(TalkootError) -> UnitOutcome {
        try value("verdict") { Capsule.unescaped($0).flatMap { UnitOutcome(line: $0) } }
    }

    /// The input that is to come, with its size here.
    mutating func input() throws(TalkootError) -> (Capsule.Input, Int) {
        try value("input") { text in
            if text == "none" { return (.none, 0) }
            if text.hasPrefix("omitted ") { return UInt64(text.dropFirst(8)).map { (.omitted(byteCount: $0), 0) } }
            return Int(text).flatMap { (0...Capsule.inputLimitBytes).contains($0) ? (.bytes([]), $0) : nil }
        }
    }

    /// Limits that a cell can be given.
    mutating func limits() throws(TalkootError) -> CellLimits {
        CellLimits(
            memoryBytes: try number("memory", in: (8 << 20)...(1 << 46)), outputBytes: try number("output", in: 0...(1 << 32)),
            logBytes: try number("log-limit", in: 0...(1 << 30)), unitWallSeconds: try seconds("wall-seconds"),
            unitProcessorSeconds: try seconds("processor-seconds"), threads: Int(try number("threads", in: 1...1024)))
    }

    private mutating func seconds(_ key: Substring) throws(TalkootError) -> Double {
        try value(key) { Double($0).flatMap { $0 > 0 && $0 <= 1e9 ? $0 : nil } }
    }

    func layers() throws(TalkootError) -> [String] {
        var layers: [String] = []
        for line in layerLines {
            guard let layer = Capsule.unescaped(line) else { throw Capsule.fault("a layer is wrong") }
            layers.append(layer)
        }
        return layers
    }

    func parameters() throws(TalkootError) -> [String: ParameterValue] {
        var parameters: [String: ParameterValue] = [:]
        for line in parameterLines {
            let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, Self.isName(parts[0]), let value = Self.value(kind: parts[1], text: parts[2]),
                parameters.updateValue(value, forKey: String(parts[0])) == nil
            else { throw Capsule.fault("a parameter is wrong") }
        }
        return parameters
    }

    private static func value(kind: Substring, text: Substring) -> ParameterValue? {
        switch kind {
        case "integer": Int64(text).map { .integer($0) }
        case "real": Double(text).flatMap { $0.isNaN ? nil : .real($0) }
        case "flag": Bool(String(text)).map { .flag($0) }
        case "text": Capsule.unescaped(text).flatMap { $0.utf8.contains(0) ? nil : .text($0) }
        default: nil
        }
    }

    /// `[a-z][a-z0-9-]{0,62}`, as manifests have it.
    private static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, (97...122).contains(first), text.utf8.count <= 63 else { return false }
        return text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }
    }
}
