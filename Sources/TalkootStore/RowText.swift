import Foundation
import TalkootCore

/// Values that a column keeps as JSON text.
enum RowText {
    static func encode(_ record: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(record), as: UTF8.self)
    }

    /// - Throws: `.badData` when the text is not such a row.
    static func decode<Value: Decodable>(_ text: String, path: String) throws(TalkootError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        } catch {
            throw StoreFailure.damaged(path, "\(error)")
        }
    }
}
