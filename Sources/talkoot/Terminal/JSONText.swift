import Foundation
import TalkootCore

/// `--json`: the same figures for a program, keys sorted, dates in ISO 8601.
enum JSONText {
    /// Prints a value as JSON, one line.
    ///
    /// - Throws: ``TalkootError`` `inputOutput` when standard output cannot take it.
    static func print(_ value: some Encodable) throws(TalkootError) {
        try StandardStream.print(try text(value))
    }

    /// The JSON text of a value, one line.
    static func text(_ value: some Encodable) throws(TalkootError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw TalkootError(.internalError, "cannot write JSON: \(error)")
        }
    }

    /// Reads a value; `nil` when the text is not the JSON of one.
    static func value<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }
}
