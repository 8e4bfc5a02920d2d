import TalkootCore

/// The canonical bytes of `manifest.json`: keys sorted by their bytes, no spaces, shortest numbers, text in UTF-8 with only the escapes
/// that JSON demands. One manifest has one form, so its SHA-256 is the module's identity.
enum CanonicalManifest {
    static func bytes(of manifest: Manifest) -> [UInt8] {
        var fields: [String: CanonicalJSON] = [
            "name": .text(manifest.name), "version": .text(manifest.version.description), "summary": .text(manifest.summary),
            "license": .text(manifest.license), "input": .text(manifest.input.description),
            "output": .map(["name": .text(manifest.output.name), "media-type": .text(manifest.output.mediaType)]),
            "resources": .map([
                "memory": .number(String(manifest.resources.memoryBytes)), "threads": .number(String(manifest.resources.threads)),
            ]),
            "determinism": .text(manifest.determinism.rawValue),
        ]
        // Left out where it is the usual one, so that manifests from before it existed keep their identity.
        if manifest.isolation != .job { fields["isolation"] = .text(manifest.isolation.rawValue) }
        if !manifest.parameters.isEmpty {
            fields["parameters"] = .map(Dictionary(manifest.parameters.map { ($0.name, json(of: $0)) }) { first, _ in first })
        }
        if !manifest.samples.isEmpty { fields["samples"] = .list(manifest.samples.map(json)) }
        if !manifest.libraries.isEmpty { fields["libraries"] = .list(manifest.libraries.map(json)) }
        if let check = manifest.check {
            fields["check"] = .map([
                "determinism": .text(check.determinism.rawValue), "passed": .list(check.passed.map(CanonicalJSON.text)),
            ])
        }
        return CanonicalJSON.map(fields).bytes
    }

    private static func json(of parameter: ModuleParameter) -> CanonicalJSON {
        var fields: [String: CanonicalJSON] = ["type": .text(parameter.kind.rawValue)]
        fields["default"] = parameter.defaultValue.map(json)
        fields["minimum"] = parameter.minimum.map(json)
        fields["maximum"] = parameter.maximum.map(json)
        fields["choices"] = parameter.choices.map { .list($0.map(CanonicalJSON.text)) }
        if !parameter.help.isEmpty { fields["help"] = .text(parameter.help) }
        return .map(fields)
    }

    private static func json(of value: ParameterValue) -> CanonicalJSON {
        switch value {
        case .integer(let value): .number(String(value))
        case .real(let value): .number(String(value))
        case .flag(let value): .number(String(value))
        case .text(let value): .text(value)
        }
    }

    private static func json(of sample: Manifest.Sample) -> CanonicalJSON {
        var fields: [String: CanonicalJSON] = [:]
        if !sample.parameters.isEmpty { fields["parameters"] = .map(sample.parameters.mapValues(json)) }
        fields["input"] = sample.input.map(CanonicalJSON.text)
        fields["output"] = sample.output.map(CanonicalJSON.text)
        fields["output-sha256"] = sample.outputDigest.map { .text($0.description) }
        return .map(fields)
    }

    private static func json(of library: Manifest.Library) -> CanonicalJSON {
        var fields: [String: CanonicalJSON] = [
            "platform": .text(library.platform), "sha256": .text(library.digest.description),
            "size": .number(String(library.sizeBytes)),
        ]
        if !library.glibc.isEmpty { fields["glibc"] = .text(library.glibc) }
        return .map(fields)
    }
}

/// A JSON value with exactly one written form.
enum CanonicalJSON {
    case text(String)
    /// A number, `true` or `false`, already in words.
    case number(String)
    case list([CanonicalJSON])
    case map([String: CanonicalJSON])

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    private func append(to bytes: inout [UInt8]) {
        switch self {
        case .text(let text): Self.append(text, to: &bytes)
        case .number(let words): bytes += words.utf8
        case .list(let list):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in list.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .map(let map):
            bytes.append(UInt8(ascii: "{"))
            let sorted = map.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (index, entry) in sorted.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.append(entry.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                entry.value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 8: bytes += "\\b".utf8
            case 9: bytes += "\\t".utf8
            case 10: bytes += "\\n".utf8
            case 12: bytes += "\\f".utf8
            case 13: bytes += "\\r".utf8
            case 0..<0x20: bytes += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
