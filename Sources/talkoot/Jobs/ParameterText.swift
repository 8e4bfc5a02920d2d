import TalkootCore

/// `NAME=VALUE` on the command line.
enum ParameterText {
    /// Splits each text at its first `=`.
    ///
    /// - Throws: ``TalkootError`` `usage` for one without a name and for a name given twice.
    static func parse(_ texts: [String]) throws(TalkootError) -> [String: String] {
        var values: [String: String] = [:]
        for text in texts {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw TalkootError(.usage, "\(text) is no parameter", remedy: "write NAME=VALUE, limit=1e9 for instance")
            }
            let name = String(text[..<equals])
            guard values.updateValue(String(text[text.index(after: equals)...]), forKey: name) == nil else {
                throw TalkootError(.usage, "the parameter \(name) is given twice", remedy: "give it once")
            }
        }
        return values
    }
}
