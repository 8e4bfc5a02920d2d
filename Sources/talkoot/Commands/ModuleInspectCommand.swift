import ArgumentParser
import TalkootCore
import TalkootPackaging

/// `talkoot module inspect`: what a package is and whether it passes admission.
struct ModuleInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a module is, takes, gives and needs, and what machines will say of it.",
        discussion: """
            talkoot module inspect primes
            talkoot module inspect ./primes-1.0.0.talkoot --json
            """)

    @Argument(help: "A name, NAME@VERSION, a digest or a .talkoot file.") var module: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    private struct Answer: Encodable {
        var digest: Digest
        var publisher: String?
        var bytes: Int
        var path: String
        var manifest: Manifest
    }

    func run() async throws {
        let package = try home.locate().module(module)
        if output.json {
            return try JSONText.print(
                Answer(
                    digest: package.digest, publisher: package.publisher, bytes: package.fileBytes, path: package.path,
                    manifest: package.manifest))
        }
        for line in Self.lines(package) { try StandardStream.print(Table.printable(line)) }
        for report in try package.admission() {
            try StandardStream.print("library    \(report.platform)")
            for line in report.lines { try StandardStream.print(line) }
        }
    }

    private static func lines(_ package: ModulePackage) -> [String] {
        let manifest = package.manifest
        var lines = [
            "\(package.reference): \(manifest.summary)",
            "identity   \(package.digest)",
            "publisher  \(package.publisher ?? "none: the package is not signed")",
            "license    \(manifest.license)",
            "input      \(manifest.input)",
            "output     \(manifest.output.name) (\(manifest.output.mediaType))",
            "memory     \(NumberText.size(manifest.resources.memoryBytes)), threads \(manifest.resources.threads)",
            "isolation  \(manifest.isolation == .unit ? "a process of its own for each unit" : "a cell for all units of a job on a slot")",
            "size       \(NumberText.size(UInt64(package.fileBytes)))",
        ]
        lines.append("check      \(manifest.check.map { "passed: " + $0.passed.joined(separator: ", ") } ?? "none")")
        for parameter in manifest.parameters { lines.append("parameter  \(describe(parameter))") }
        return lines
    }

    /// `limit: integer, at least 2, required: count the primes below this`.
    private static func describe(_ parameter: ModuleParameter) -> String {
        var parts = [parameter.kind.rawValue]
        if let minimum = parameter.minimum { parts.append("at least \(minimum)") }
        if let maximum = parameter.maximum { parts.append("at most \(maximum)") }
        if let choices = parameter.choices { parts.append("one of \(choices.joined(separator: " "))") }
        parts.append(parameter.defaultValue.map { "default \($0)" } ?? "required")
        return "\(parameter.name): \(parts.joined(separator: ", "))\(parameter.help.isEmpty ? "" : ": " + parameter.help)"
    }
}
