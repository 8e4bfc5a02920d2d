/// RFC 4648 base64 of whole groups of three bytes, which is all a key file needs.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The text of bytes whose count is a multiple of three.
    static func encode(_ bytes: [UInt8]) -> String {
        precondition(bytes.count % 3 == 0, "base64 here has no padding")
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2])
            for shift in [18, 12, 6, 0] as [UInt32] { text.append(alphabet[Int(group >> shift & 63)]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text without padding; `nil` for any other.
    static func decode(_ text: String) -> [UInt8]? {
        let values = text.utf8.compactMap { alphabet.firstIndex(of: $0).map(UInt32.init) }
        guard values.count == text.utf8.count, values.count % 4 == 0 else { return nil }
        return stride(from: 0, to: values.count, by: 4).flatMap { start -> [UInt8] in
            let group = values[start] << 18 | values[start + 1] << 12 | values[start + 2] << 6 | values[start + 3]
            return [UInt8(group >> 16), UInt8(group >> 8 & 255), UInt8(group & 255)]
        }
    }
}
