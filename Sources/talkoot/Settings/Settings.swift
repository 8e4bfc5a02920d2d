import Configuration
import TalkootCore

/// Settings from flags, else the environment, else `config.yaml`; every value is checked the same way wherever it comes from.
struct Settings: Sendable {
    /// A value as it was written, and where.
    struct Source: Hashable, Sendable {
        /// The text.
        let text: String
        /// `--slots 99`, `TALKOOT_SLOTS=99` or `slots: 99 in /…/config.yaml`: for the error message.
        let place: String
    }

    private let environment: ConfigReader
    private let file: ConfigReader?
    private let filePath: String

    /// Reads the environment and the home's `config.yaml`, when there is one.
    ///
    /// - Throws: ``TalkootError`` `badData` when the file is not YAML, `refused` when it may not be read.
    init(home: Home) async throws(TalkootError) {
        environment = ConfigReader(provider: EnvironmentVariablesProvider().prefixKeys(with: "talkoot"))
        filePath = home.configurationFile
        guard FileBytes.exists(filePath) else {
            file = nil
            return
        }
        _ = try FileBytes.read(filePath, limit: Self.fileLimitBytes)
        let place = ConfigReader(provider: InMemoryProvider(values: ["filePath": .init(.string(filePath), isSecret: false)]))
        do {
            file = ConfigReader(provider: try await FileProvider<YAMLSnapshot>(config: place))
        } catch {
            throw TalkootError(.badData, "\(filePath) cannot be understood: \(error)", remedy: "write one `key: value` a line")
        }
    }

    /// The largest configuration file, in bytes.
    static let fileLimitBytes = 64 << 10

    /// The text of a setting and where it was found; `nil` when nowhere.
    func source(_ setting: Setting, flag: String?) -> Source? {
        if let flag { return Source(text: flag, place: "\(setting.flag) \(flag)") }
        let key = ConfigKey(setting.key.split(whereSeparator: { $0 == "." || $0 == "-" }).map(String.init))
        if let text = environment.string(forKey: key), !text.isEmpty {
            return Source(text: text, place: "\(setting.variable)=\(text)")
        }
        guard let text = file?.string(forKey: ConfigKey(setting.key.split(separator: ".").map(String.init))) else { return nil }
        return Source(text: text, place: "\(setting.key): \(text) in \(filePath)")
    }

    /// A setting that is text.
    func text(_ setting: Setting, flag: String?) -> String? { source(setting, flag: flag)?.text }

    /// A setting that is a whole number.
    ///
    /// - Throws: ``TalkootError`` `usage` when it is none or out of range.
    func number(_ setting: Setting, flag: String?, in range: ClosedRange<Int>) throws(TalkootError) -> Int? {
        guard let source = source(setting, flag: flag) else { return nil }
        guard let value = NumberText.integer(source.text), range.contains(Int(value)) else {
            throw TalkootError(
                .usage, "\(source.place) is no whole number from \(range.lowerBound) to \(range.upperBound)", remedy: "give one")
        }
        return Int(value)
    }

    /// A setting that is a size.
    ///
    /// - Throws: ``TalkootError`` `usage` when it is none or out of range.
    func bytes(_ setting: Setting, flag: String?, in range: ClosedRange<UInt64>) throws(TalkootError) -> UInt64? {
        guard let source = source(setting, flag: flag) else { return nil }
        guard let value = NumberText.byteCount(source.text), range.contains(value) else {
            let limits = "\(NumberText.size(range.lowerBound)) to \(NumberText.size(range.upperBound))"
            throw TalkootError(.usage, "\(source.place) is no size from \(limits)", remedy: "give one, 256MiB for instance")
        }
        return value
    }

    /// A setting that is a part of a whole, as `50%`: above 0, at most 1.
    ///
    /// - Throws: ``TalkootError`` `usage` when it is none or out of range.
    func share(_ setting: Setting, flag: String?) throws(TalkootError) -> Double? {
        guard let source = source(setting, flag: flag) else { return nil }
        let digits = source.text.hasSuffix("%") ? String(source.text.dropLast()) : source.text
        guard let value = NumberText.integer(digits), (1...100).contains(value) else {
            throw TalkootError(.usage, "\(source.place) is no percentage from 1% to 100%", remedy: "give a whole one, 50% for instance")
        }
        return Double(value) / 100
    }

    /// A setting that is one of a few words.
    ///
    /// - Throws: ``TalkootError`` `usage` when it is none of them.
    func choice<Value>(_ setting: Setting, flag: String?, among choices: [(String, Value)]) throws(TalkootError) -> Value? {
        guard let source = source(setting, flag: flag) else { return nil }
        if let found = choices.first(where: { $0.0 == source.text }) { return found.1 }
        let words = choices.map(\.0).joined(separator: ", ")
        throw TalkootError(.usage, "\(source.place) is not one of \(words)", remedy: "give one of them")
    }

    /// A setting that is a list: flags as they are, elsewhere separated by commas or, in the file, a YAML list.
    func list(_ setting: Setting, flags: [String]) -> [String] {
        if !flags.isEmpty { return flags }
        if let list = file?.stringArray(forKey: ConfigKey(setting.key.split(separator: ".").map(String.init))),
            source(setting, flag: nil)?.place.hasPrefix("TALKOOT_") != true
        {
            return list
        }
        let text = text(setting, flag: nil) ?? ""
        return text.split(separator: ",").map { $0.filter { $0 != " " } }
    }
}
