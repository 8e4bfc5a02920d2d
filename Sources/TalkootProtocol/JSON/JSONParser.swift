import NIOCore

/// Reads one JSON text (RFC 8259) in one pass, with bounds on nesting and on the number of keys.
///
/// Stricter than the RFC asks: a key may not come twice in an object, text must be valid UTF-8 and lone surrogates are refused.
struct JSONParser {
    /// Why a text is not taken.
    struct Problem: Error, Hashable {
        var reason: String
        var offset: Int
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var keysLeft: Int
    private let depthLimit: Int
    private let keyLimit: Int

    /// Parses all readable bytes of a buffer as one value.
    static func parse(
        _ buffer: ByteBuffer, depth: Int = Limits.jsonDepth, keys: Int = Limits.jsonKeys
    ) -> Result<JSONValue, Problem> {
        buffer.withUnsafeReadableBytes { bytes in
            var parser = JSONParser(bytes: bytes, depthLimit: depth, keyLimit: keys)
            return Result { () throws(Problem) in try parser.document() }
        }
    }

    private init(bytes: UnsafeRawBufferPointer, depthLimit: Int, keyLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
        self.keyLimit = keyLimit
        keysLeft = keyLimit
    }

    private mutating func document() throws(Problem) -> JSONValue {
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw problem("something follows the value") }
        return value
    }

    private func problem(_ reason: String) -> Problem { Problem(reason: reason, offset: position) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func value(depth: Int) throws(Problem) -> JSONValue {
        guard let first = next else { throw problem("the text ends too early") }
        switch first {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .list(try list(depth: depth + 1))
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw problem("no value begins like this")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(Problem) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard next == word.utf8Start[index] else { throw problem("no value begins like this") }
            position += 1
        }
        return value
    }

    // MARK: Objects and lists

    private mutating func object(depth: Int) throws(Problem) -> [String: JSONValue] {
        guard depth <= depthLimit else { throw problem("nested deeper than \(depthLimit)") }
        position += 1
        var object: [String: JSONValue] = [:]
        skipSpace()
        if next == UInt8(ascii: "}") {
            position += 1
            return object
        }
        while true {
            guard next == UInt8(ascii: "\"") else { throw problem("a key is expected") }
            guard keysLeft > 0 else { throw problem("more than \(keyLimit) keys") }
            keysLeft -= 1
            let key = try text()
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw problem("a colon is expected") }
            position += 1
            skipSpace()
            guard object.updateValue(try value(depth: depth), forKey: key) == nil else { throw problem("a key comes twice") }
            if try isEnd(UInt8(ascii: "}")) { return object }
        }
    }

    private mutating func list(depth: Int) throws(Problem) -> [JSONValue] {
        guard depth <= depthLimit else { throw problem("nested deeper than \(depthLimit)") }
        position += 1
        var list: [JSONValue] = []
        skipSpace()
        if next == UInt8(ascii: "]") {
            position += 1
            return list
        }
        while true {
            list.append(try value(depth: depth))
            if try isEnd(UInt8(ascii: "]")) { return list }
        }
    }

    /// Passes a comma or the end of an object or list.
    private mutating func isEnd(_ end: UInt8) throws(Problem) -> Bool {
        skipSpace()
        switch next {
        case end:
            position += 1
            return true
        case UInt8(ascii: ","):
            position += 1
            skipSpace()
            return false
        default: throw problem("a comma or the end is expected")
        }
    }

    // MARK: Numbers

    private mutating func number() throws(Problem) -> String {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        if next == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if next == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws(Problem) {
        let start = position
        while let byte = next, byte >= 0x30, byte <= 0x39 { position += 1 }
        guard position > start else { throw problem("a digit is expected") }
    }

    // MARK: Text

    private mutating func text() throws(Problem) -> String {
        position += 1
        let start = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        if next == UInt8(ascii: "\"") {
            guard let text = String(validating: bytes[start..<position], as: UTF8.self) else { throw problem("text is not UTF-8") }
            position += 1
            return text
        }
        return try escapedText(from: start)
    }

    /// The rest of a text whose first plain part begins at `start` and ends here.
    private mutating func escapedText(from start: Int) throws(Problem) -> String {
        var decoded = Array(bytes[start..<position])
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: decoded, as: UTF8.self) else { throw problem("text is not UTF-8") }
                return text
            case UInt8(ascii: "\\"): try escape(into: &decoded)
            case 0..<0x20: throw problem("a control character in a text")
            default: decoded.append(byte)
            }
        }
        throw problem("a text does not end")
    }

    private mutating func escape(into decoded: inout [UInt8]) throws(Problem) {
        guard let byte = next else { throw problem("a text does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): decoded += Array(String(Character(try scalar())).utf8)
        default: throw problem("an unknown escape")
        }
    }

    private mutating func scalar() throws(Problem) -> Unicode.Scalar {
        let unit = try codeUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, next == UInt8(ascii: "\\") else { throw problem("half a surrogate pair") }
        position += 1
        guard next == UInt8(ascii: "u") else { throw problem("half a surrogate pair") }
        position += 1
        let low = try codeUnit()
        guard (0xDC00...0xDFFF).contains(low) else { throw problem("half a surrogate pair") }
        let value = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
        guard let scalar = Unicode.Scalar(value) else { throw problem("half a surrogate pair") }
        return scalar
    }

    private mutating func codeUnit() throws(Problem) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw problem("four hexadecimal digits are expected")
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}
