import TalkootCore

extension ManifestReader {
    static func parameters(_ reader: FieldReader) throws(TalkootError) -> [ModuleParameter] {
        var parameters: [ModuleParameter] = []
        for (name, node) in try reader.map("parameters", limit: PackageLimits.parameters) {
            guard Names.isParameter(name) else {
                throw reader.fault(
                    "parameters", "names a parameter `\(name.prefix(60))`", allowed: "names of the form [a-z][a-z0-9-]{0,62}")
            }
            let group = try FieldReader(
                node, file: reader.file, path: "parameters.\(name)", known: ["type", "default", "minimum", "maximum", "choices", "help"])
            parameters.append(try parameter(name, group))
        }
        return parameters
    }

    private static func parameter(_ name: String, _ group: FieldReader) throws(TalkootError) -> ModuleParameter {
        let kinds = ModuleParameter.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        let kind = try group.value("type", allowed: kinds, ModuleParameter.Kind.init)
        var parameter = ModuleParameter(name: name, kind: kind)
        for bound in ["minimum", "maximum"] where group.optional(bound) != nil && kind != .integer && kind != .real {
            throw group.fault(bound, "is given for a \(kind.rawValue)", allowed: "only with integer and real")
        }
        let bounds = (try value(group, "minimum", of: parameter), try value(group, "maximum", of: parameter))
        (parameter.minimum, parameter.maximum) = bounds
        if let minimum = parameter.minimum, (try? parameter.check(minimum)) == nil {
            throw group.fault("minimum", "is above the maximum", allowed: "a minimum of at most the maximum")
        }
        parameter.choices = try choices(group, kind: kind)
        parameter.defaultValue = try value(group, "default", of: parameter)
        parameter.help = group.optional("help") == nil ? "" : try group.line("help")
        return parameter
    }

    private static func choices(_ group: FieldReader, kind: ModuleParameter.Kind) throws(TalkootError) -> [String]? {
        guard group.optional("choices") != nil else { return nil }
        guard kind == .text else { throw group.fault("choices", "is given for a \(kind.rawValue)", allowed: "only with text") }
        var choices: [String] = []
        for node in try group.list("choices", limit: PackageLimits.choices) {
            guard case .scalar(let text, _) = node.content, !choices.contains(text) else {
                throw group.fault("choices", "holds \(node.kind)", allowed: "different texts")
            }
            choices.append(text)
        }
        guard !choices.isEmpty else { throw group.fault("choices", "is empty", allowed: "at least one text") }
        return choices
    }

    /// A value of the parameter's type that passes its checks as far as they are known yet.
    private static func value(_ group: FieldReader, _ key: String, of parameter: ModuleParameter) throws(TalkootError) -> ParameterValue? {
        guard let text = try group.optionalText(key, allowed: "a value of type \(parameter.kind.rawValue)") else { return nil }
        do {
            return try parameter.value(from: text)
        } catch {
            throw TalkootError(.badData, "\(group.file) line \(group.line): \(group.name(of: key)): \(error.message)", remedy: error.remedy)
        }
    }

    static func samples(_ reader: FieldReader, of manifest: Manifest) throws(TalkootError) -> [Manifest.Sample] {
        var samples: [Manifest.Sample] = []
        for (index, node) in try reader.list("samples", limit: PackageLimits.samples).enumerated() {
            let group = try FieldReader(
                node, file: reader.file, path: "samples[\(index)]", known: ["parameters", "input", "output", "output-sha256"])
            var sample = Manifest.Sample(parameters: try sampleParameters(group, of: manifest))
            sample.input = try group.optionalText("input", allowed: "the input's text")
            sample.output = try group.optionalText("output", allowed: "the output's text")
            sample.outputDigest = try group.optionalValue("output-sha256", allowed: "64 hexadecimal digits", Digest.init)
            guard sample.output != nil || sample.outputDigest != nil else {
                throw group.fault("output", "is missing", allowed: "output or output-sha256")
            }
            guard (sample.input == nil) == (manifest.input == .none) else {
                throw group.fault(
                    "input", sample.input == nil ? "is missing" : "is given", allowed: "an input exactly when the module reads one")
            }
            samples.append(sample)
        }
        return samples
    }

    private static func sampleParameters(
        _ group: FieldReader, of manifest: Manifest
    ) throws(TalkootError) -> [String: ParameterValue] {
        var given: [String: ParameterValue] = [:]
        for (name, node) in try group.map("parameters", limit: PackageLimits.parameters) {
            guard let parameter = manifest.parameters.first(where: { $0.name == name }), case .scalar(let text, _) = node.content else {
                throw group.fault(
                    "parameters.\(name)", "is \(node.kind)", allowed: "values of \(manifest.parameters.map(\.name).joined(separator: ", "))"
                )
            }
            do {
                given[name] = try parameter.value(from: text)
            } catch {
                throw TalkootError(
                    .badData, "\(group.file) line \(node.line): \(group.name(of: "parameters")): \(error.message)", remedy: error.remedy)
            }
        }
        for parameter in manifest.parameters where given[parameter.name] == nil && parameter.defaultValue == nil {
            throw group.fault("parameters", "lacks \(parameter.name)", allowed: "a value for each parameter without a default")
        }
        return given
    }
}
