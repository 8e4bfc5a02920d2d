/// The value of a module's parameter, of one of the four types a manifest can declare.
public enum ParameterValue: Hashable, Sendable, CustomStringConvertible {
    /// A whole number of 64 bits.
    case integer(Int64)
    /// A binary64 number, never NaN.
    case real(Double)
    /// True or false.
    case flag(Bool)
    /// UTF-8 text without a NUL.
    case text(String)

    /// The value as a person writes it.
    public var description: String {
        switch self {
        case .integer(let value): String(value)
        case .real(let value): String(value)
        case .flag(let value): String(value)
        case .text(let value): value
        }
    }
}

extension ParameterValue: Codable {
    private enum Key: String, CodingKey { case integer, real, flag, text }

    /// Reads an object with one of the keys `integer`, `real`, `flag` and `text`.
    ///
    /// - Throws: `DecodingError` when none is there or its value has another type.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if let value = try container.decodeIfPresent(Int64.self, forKey: .integer) {
            self = .integer(value)
        } else if let value = try container.decodeIfPresent(Double.self, forKey: .real) {
            self = .real(value)
        } else if let value = try container.decodeIfPresent(Bool.self, forKey: .flag) {
            self = .flag(value)
        } else {
            self = .text(try container.decode(String.self, forKey: .text))
        }
    }

    /// Writes an object with one key, which names the type: `1` and `1.0` stay apart.
    ///
    /// - Throws: what the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .integer(let value): try container.encode(value, forKey: .integer)
        case .real(let value): try container.encode(value, forKey: .real)
        case .flag(let value): try container.encode(value, forKey: .flag)
        case .text(let value): try container.encode(value, forKey: .text)
        }
    }
}
