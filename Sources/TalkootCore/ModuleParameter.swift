/// A parameter that a module declares in its manifest.
public struct ModuleParameter: Hashable, Sendable, Codable {
    /// The type of a parameter's value.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A whole number of 64 bits.
        case integer
        /// A binary64 number.
        case real
        /// `true` or `false`.
        case flag
        /// Text, at most 4 KiB.
        case text
    }

    /// The longest text value, in bytes of UTF-8.
    public static let textLimitBytes = 4096

    /// The name, `[a-z][a-z0-9-]{0,62}`.
    public var name: String
    /// The type of the value.
    public var kind: Kind
    /// What a job gets that does not name the parameter; without it the parameter must be given.
    public var defaultValue: ParameterValue?
    /// The least value of a number, when there is one.
    public var minimum: ParameterValue?
    /// The greatest value of a number, when there is one.
    public var maximum: ParameterValue?
    /// The only values allowed for a text, when they are limited.
    public var choices: [String]?
    /// One line for a person.
    public var help: String

    /// Declares a parameter.
    public init(
        name: String, kind: Kind, defaultValue: ParameterValue? = nil, minimum: ParameterValue? = nil,
        maximum: ParameterValue? = nil, choices: [String]? = nil, help: String = ""
    ) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.minimum = minimum
        self.maximum = maximum
        self.choices = choices
        self.help = help
    }

    private enum CodingKeys: String, CodingKey {
        case name, kind = "type", defaultValue = "default", minimum, maximum, choices, help
    }

    /// Reads a value as a requester wrote it.
    ///
    /// - Throws: ``TalkootError`` `usage` naming the parameter, its type or range, and the text.
    public func value(from text: String) throws(TalkootError) -> ParameterValue {
        let value: ParameterValue? =
            switch kind {
            case .integer: NumberText.integer(text).map(ParameterValue.integer)
            case .real: Double(text).flatMap { $0.isFinite ? .real($0) : nil }
            case .flag: ["true": true, "yes": true, "1": true, "false": false, "no": false, "0": false][text].map(ParameterValue.flag)
            case .text: .text(text)
            }
        guard let value else {
            throw TalkootError(.usage, "parameter \(name)=\(text) is not \(kind.phrase)", remedy: remedy)
        }
        try check(value)
        return value
    }

    /// Checks type, range and choices.
    ///
    /// - Throws: ``TalkootError`` `usage` when one does not hold.
    public func check(_ value: ParameterValue) throws(TalkootError) {
        guard value.kind == kind else {
            throw TalkootError(.usage, "parameter \(name) is \(kind.phrase)", remedy: remedy)
        }
        let low = minimum.map { value.isBelow($0) } ?? false
        let high = maximum.map { $0.isBelow(value) } ?? false
        if low || high {
            throw TalkootError(.usage, "parameter \(name)=\(value) is out of range", remedy: remedy)
        }
        guard case .text(let text) = value else { return }
        if text.utf8.count > Self.textLimitBytes || text.utf8.contains(0) {
            throw TalkootError(.usage, "parameter \(name) is too long or contains a NUL", remedy: "give at most 4096 bytes of text")
        }
        if let choices, !choices.contains(text) {
            throw TalkootError(.usage, "parameter \(name)=\(text) is not one of its choices", remedy: remedy)
        }
    }

    /// What a value must be, for a person.
    private var remedy: String {
        var parts = ["give \(kind.phrase)"]
        if let minimum { parts.append("at least \(minimum)") }
        if let maximum { parts.append("at most \(maximum)") }
        if let choices { parts.append("one of \(choices.joined(separator: ", "))") }
        return parts.joined(separator: ", ")
    }
}

extension ModuleParameter.Kind {
    /// The type with its article.
    fileprivate var phrase: String {
        switch self {
        case .integer: "a whole number"
        case .real: "a number"
        case .flag: "true or false"
        case .text: "text"
        }
    }
}

extension ParameterValue {
    /// The type of this value.
    public var kind: ModuleParameter.Kind {
        switch self {
        case .integer: .integer
        case .real: .real
        case .flag: .flag
        case .text: .text
        }
    }

    /// Compares two numbers; false for anything else.
    fileprivate func isBelow(_ other: ParameterValue) -> Bool {
        switch (self, other) {
        case (.integer(let left), .integer(let right)): left < right
        case (.real(let left), .real(let right)): left < right
        default: false
        }
    }
}
