/// What a module's job reads, and so what its items are.
public enum InputKind: Hashable, Sendable, LosslessStringConvertible {
    /// Nothing: the items are numbers, and the module's `plan` says how many.
    case none
    /// Text: an item is a line, its newline included; a last line without one counts too.
    case lines
    /// Records of a fixed size in bytes; the input must be a whole number of them.
    case records(UInt64)
    /// Blocks of a fixed size in bytes, the last one perhaps shorter.
    case bytes(UInt64)

    /// Reads `none`, `lines`, `records(SIZE)` or `bytes(BLOCK)`, sizes in bytes and above zero; `nil` for anything else.
    public init?(_ description: String) {
        switch description {
        case "none": self = .none
        case "lines": self = .lines
        default:
            guard description.hasSuffix(")"), let open = description.firstIndex(of: "(") else { return nil }
            let text = String(description[description.index(after: open)...].dropLast())
            guard let size = NumberText.byteCount(text), size > 0 else { return nil }
            switch description[..<open] {
            case "records": self = .records(size)
            case "bytes": self = .bytes(size)
            default: return nil
            }
        }
    }

    /// The form that ``init(_:)`` reads.
    public var description: String {
        switch self {
        case .none: "none"
        case .lines: "lines"
        case .records(let size): "records(\(size))"
        case .bytes(let size): "bytes(\(size))"
        }
    }
}

extension InputKind: Codable {
    /// Reads the written form.
    ///
    /// - Throws: `DecodingError.dataCorrupted` when the text is none of the four forms.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let kind = InputKind(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "input is none, lines, records(SIZE) or bytes(BLOCK)")
        }
        self = kind
    }

    /// Writes the written form.
    ///
    /// - Throws: what the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
