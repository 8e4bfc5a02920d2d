/// A JSON value as it was written: numbers keep their digits, so that 64-bit integers survive exactly.
enum JSONValue: Hashable, Sendable {
    case null
    case flag(Bool)
    /// The number's text, which follows JSON's grammar.
    case number(String)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])
}
