import NIOCore

/// Writes JSON without white space, keys in the order in which they are given, so that the same message always has the same bytes.
struct JSONWriter {
    /// What is written so far.
    private(set) var buffer: ByteBuffer
    private var needsComma = false

    /// The largest whole number that every JSON reader keeps exactly; larger ones are written as text.
    static let largestExact: UInt64 = 1 << 53 - 1

    /// Continues after what the buffer holds.
    init(_ buffer: ByteBuffer) { self.buffer = buffer }

    mutating func object(_ fields: (inout JSONWriter) -> Void) { enclosed("{", "}", fields) }

    mutating func list<Element>(_ elements: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void) {
        enclosed("[", "]") { json in
            for element in elements { write(&json, element) }
        }
    }

    mutating func key(_ key: String) {
        separate()
        quote(key)
        buffer.writeStaticString(":")
        needsComma = false
    }

    mutating func text(_ value: String) {
        separate()
        quote(value)
    }

    mutating func flag(_ value: Bool) { raw(value ? "true" : "false") }

    mutating func number(_ value: UInt64) { value > Self.largestExact ? text(String(value)) : raw(String(value)) }

    mutating func number(_ value: Int64) { value.magnitude > Self.largestExact ? text(String(value)) : raw(String(value)) }

    /// The shortest text that reads as the same number; infinities, which JSON has not, as text.
    mutating func number(_ value: Double) { value.isFinite ? raw(String(value)) : text(String(value)) }

    // MARK: A key and its value

    mutating func field(_ name: String, _ value: String) {
        key(name)
        text(value)
    }

    mutating func field(_ name: String, _ value: String?) {
        if let value { field(name, value) }
    }

    mutating func field(_ name: String, _ value: UInt64) {
        key(name)
        number(value)
    }

    mutating func field(_ name: String, _ value: UInt64?) {
        if let value { field(name, value) }
    }

    mutating func field(_ name: String, _ value: Double) {
        key(name)
        number(value)
    }

    mutating func field(_ name: String, _ values: [String]) {
        key(name)
        list(values) { $0.text($1) }
    }

    // MARK: Parts

    private mutating func enclosed(_ open: StaticString, _ close: StaticString, _ content: (inout JSONWriter) -> Void) {
        separate()
        buffer.writeStaticString(open)
        needsComma = false
        content(&self)
        buffer.writeStaticString(close)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.writeStaticString(",") }
        needsComma = true
    }

    private mutating func raw(_ token: String) {
        separate()
        buffer.writeString(token)
    }

    private mutating func quote(_ text: String) {
        buffer.writeStaticString("\"")
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
            buffer.writeString(text)
        } else {
            for byte in text.utf8 { escape(byte) }
        }
        buffer.writeStaticString("\"")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: buffer.writeStaticString("\\\"")
        case 0x5C: buffer.writeStaticString("\\\\")
        case 0x0A: buffer.writeStaticString("\\n")
        case 0x0D: buffer.writeStaticString("\\r")
        case 0x09: buffer.writeStaticString("\\t")
        case 0..<0x20: buffer.writeString("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
        default: buffer.writeInteger(byte)
        }
    }
}
