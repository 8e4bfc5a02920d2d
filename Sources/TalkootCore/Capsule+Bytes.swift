extension Capsule {
    /// The first line of every capsule, up to the version.
    static let magic = "talkoot-capsule "

    /// The file's content. Deterministic: equal capsules have equal bytes.
    public var bytes: [UInt8] {
        let checkpoint = checkpoint.suffix(Self.checkpointLimitBytes)
        let log = log.suffix(Self.logLimitBytes)
        var lines = ["\(Self.magic)\(Self.version)"] + jobLines + hostLines
        lines.append("checkpoint \(checkpoint.count)")
        var content: [UInt8] = []
        switch input {
        case .none: lines.append("input none")
        case .omitted(let count): lines.append("input omitted \(count)")
        case .bytes(let bytes):
            lines.append("input \(bytes.count)")
            content = bytes
        }
        lines.append("log \(log.count)")
        return Array((lines.joined(separator: "\n") + "\n\n").utf8) + checkpoint + content + log
    }

    private var jobLines: [String] {
        var lines = ["job \(job)", "module \(module)", "name \(name)", "version \(moduleVersion)"]
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .integer(let number): lines.append("parameter \(name) integer \(number)")
            case .real(let number): lines.append("parameter \(name) real \(number)")
            case .flag(let flag): lines.append("parameter \(name) flag \(flag)")
            case .text(let text): lines.append("parameter \(name) text \(Self.escaped(text))")
            }
        }
        lines += ["items \(shape.items)", "items-per-unit \(shape.itemsPerUnit)", "unit \(unit)", "seed \(seed)", "attempt \(attempt)"]
        lines += ["memory \(limits.memoryBytes)", "output \(limits.outputBytes)", "log-limit \(limits.logBytes)"]
        lines += [
            "wall-seconds \(limits.unitWallSeconds)", "processor-seconds \(limits.unitProcessorSeconds)", "threads \(limits.threads)",
        ]
        return lines
    }

    private var hostLines: [String] {
        [
            "verdict \(Self.escaped(verdict.line))", "program \(Self.escaped(program))", "platform \(Self.escaped(platform))",
            "level \(level)",
        ]
            + layers.map { "layer \(Self.escaped($0))" } + ["written \(written)"]
    }

    /// The text on one line, with nothing that moves a cursor: control characters and the per cent sign as `%0A`.
    static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            if byte >= 0x20, byte != 0x7f, byte != UInt8(ascii: "%") {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Undoes ``escaped(_:)``; nil when it is not what that writes.
    static func unescaped(_ text: some StringProtocol) -> String? {
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                if byte < 0x20 || byte == 0x7f { return nil }
                result.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digits.firstIndex), let low = rest.popFirst().flatMap(digits.firstIndex) else {
                return nil
            }
            result.append(UInt8(high << 4 | low))
        }
        return String(validating: result, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
}
