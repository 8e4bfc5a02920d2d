import TalkootCore

/// The fields of a received object, read one at a time with a fault that names what is wrong.
struct MessageFields {
    private let object: [String: JSONValue]
    private let type: String

    init(_ object: [String: JSONValue], of type: String) {
        self.object = object
        self.type = type
    }

    /// The type, short enough to be sent back.
    var shownType: String { String(type.prefix(32)) }

    func fault(_ name: String, _ kind: String) -> Message.Fault {
        .badData("\"\(name)\" in \"\(shownType)\" is to be \(kind)", regarding: shownType)
    }

    func has(_ name: String) -> Bool { value(name) != nil }

    private func value(_ name: String) -> JSONValue? {
        let value = object[name]
        return value == .null ? nil : value
    }

    private func required<Value>(_ value: Value?, _ name: String, _ kind: String) throws(Message.Fault) -> Value {
        guard let value else { throw fault(name, kind) }
        return value
    }

    // MARK: Text

    func optionalText(_ name: String) throws(Message.Fault) -> String? {
        switch value(name) {
        case nil: return nil
        case .text(let text): return text
        default: throw fault(name, "text")
        }
    }

    func text(_ name: String) throws(Message.Fault) -> String { try required(try optionalText(name), name, "text") }

    func texts(_ name: String, atMost limit: Int = .max) throws(Message.Fault) -> [String] {
        guard case .list(let values)? = value(name), values.count <= limit else { throw fault(name, "a list of texts") }
        var texts: [String] = []
        for value in values {
            guard case .text(let text) = value else { throw fault(name, "a list of texts") }
            texts.append(text)
        }
        return texts
    }

    /// A text that a type of its own reads.
    func optionalWord<Word: LosslessStringConvertible>(_ name: String, _ kind: String) throws(Message.Fault) -> Word? {
        guard let text = try optionalText(name) else { return nil }
        return try required(Word(text), name, kind)
    }

    func word<Word: LosslessStringConvertible>(_ name: String, _ kind: String) throws(Message.Fault) -> Word {
        try required(try optionalWord(name, kind), name, kind)
    }

    func job() throws(Message.Fault) -> JobID { try word("job", "16 hexadecimal digits") }

    func optionalJob() throws(Message.Fault) -> JobID? { try optionalWord("job", "16 hexadecimal digits") }

    // MARK: Numbers

    /// A whole number, as a number or as text.
    private func digits(_ name: String, _ kind: String) throws(Message.Fault) -> String? {
        switch value(name) {
        case nil: return nil
        case .number(let text), .text(let text): return text
        default: throw fault(name, kind)
        }
    }

    func optionalNumber(_ name: String, atMost limit: UInt64 = .max) throws(Message.Fault) -> UInt64? {
        let kind = limit == .max ? "a whole number" : "a whole number up to \(limit)"
        guard let text = try digits(name, kind) else { return nil }
        guard text.utf8.first != UInt8(ascii: "+"), let number = UInt64(text), number <= limit else { throw fault(name, kind) }
        return number
    }

    func number(_ name: String, atMost limit: UInt64 = .max) throws(Message.Fault) -> UInt64 {
        try required(try optionalNumber(name, atMost: limit), name, "a whole number")
    }

    func optionalCount(_ name: String) throws(Message.Fault) -> Int? {
        try optionalNumber(name, atMost: UInt64(UInt16.max)).map(Int.init)
    }

    func count(_ name: String) throws(Message.Fault) -> Int { Int(try number(name, atMost: UInt64(UInt16.max))) }

    func signed(_ name: String) throws(Message.Fault) -> Int64? {
        guard let text = try digits(name, "a whole number") else { return nil }
        guard text.utf8.first != UInt8(ascii: "+"), let number = Int64(text) else { throw fault(name, "a whole number") }
        return number
    }

    func real(_ name: String) throws(Message.Fault) -> Double? {
        guard let text = try digits(name, "a number") else { return nil }
        guard let number = Double(text), !number.isNaN else { throw fault(name, "a number") }
        return number
    }

    func flag(_ name: String) throws(Message.Fault) -> Bool? {
        switch value(name) {
        case nil: return nil
        case .flag(let flag): return flag
        default: throw fault(name, "true or false")
        }
    }

    // MARK: Composed

    /// A port as a number or as text; 0 when it is absent or empty.
    func port() throws(Message.Fault) -> UInt16 {
        if value("port") == .text("") { return 0 }
        return UInt16(try optionalNumber("port", atMost: 65_535) ?? 0)
    }

    /// A confinement level; one that this version does not know counts as the next lower one that it knows.
    func optionalLevel() throws(Message.Fault) -> ConfinementLevel? {
        guard let number = try optionalNumber("level", atMost: UInt64(UInt8.max)) else { return nil }
        return ConfinementLevel.allCases.filter { $0.rawValue <= number }.max()
    }

    func level() throws(Message.Fault) -> ConfinementLevel { try required(try optionalLevel(), "level", "a number") }

    /// `from ..< to`, not empty.
    func units() throws(Message.Fault) -> Range<UInt64> {
        let (from, to) = (try number("from"), try number("to"))
        guard from < to else { throw fault("to", "above \"from\"") }
        return from..<to
    }

    func nested(_ name: String) throws(Message.Fault) -> MessageFields {
        guard case .object(let object)? = value(name) else { throw fault(name, "an object") }
        return MessageFields(object, of: type)
    }

    /// A list of at most `limit` objects.
    func objects(_ name: String, atMost limit: Int) throws(Message.Fault) -> [MessageFields] {
        let kind = "a list of at most \(limit) objects"
        guard case .list(let values)? = value(name), values.count <= limit else { throw fault(name, kind) }
        var objects: [MessageFields] = []
        for value in values {
            guard case .object(let object) = value else { throw fault(name, kind) }
            objects.append(MessageFields(object, of: type))
        }
        return objects
    }

    /// All keys of the object, in no order.
    var keys: some Collection<String> { object.keys }
}
