import Foundation

/// The commands of a Markdown file: the lines of its fenced blocks that begin with `sh`, each with what it must print.
struct Tutorial {
    /// A line that a reader types.
    struct Command {
        var line: String
        /// What stands behind `=>` in its comment.
        var expected: String?
    }

    /// A block: what stands behind `sh` in its fence, and its lines.
    struct Block {
        var kind: String
        var commands: [Command]
    }

    let blocks: [Block]
    /// The text of all fenced blocks of this language, `c` or `yaml` for instance.
    let sources: [String: [String]]
    /// Commands that stand within sentences.
    let mentions: [String]

    init(path: String) throws {
        var (blocks, sources): ([Block], [String: [String]]) = ([], [:])
        var mentions: [String] = []
        var open: (language: String, kind: String, indent: Int, lines: [String])?
        for line in try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n") {
            let trimmed = line.drop { $0 == " " }
            if trimmed.hasPrefix("```") {
                if let block = open {
                    let commands = block.lines.filter { !$0.isEmpty }.map(Self.command)
                    if block.language == "sh" { blocks.append(Block(kind: block.kind, commands: commands)) }
                    sources[block.language, default: []].append(block.lines.joined(separator: "\n") + "\n")
                    open = nil
                } else {
                    let words = trimmed.dropFirst(3).split(separator: " ").map(String.init)
                    open = (words.first ?? "", words.dropFirst().first ?? "", line.count - trimmed.count, [])
                }
            } else if let block = open {
                open?.lines.append(String(line.dropFirst(min(block.indent, line.count - trimmed.count))))
            } else {
                let spans = line.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
                mentions += spans.map { String($0.element) }.filter { $0.hasPrefix("talkoot ") || $0.hasPrefix("swift package") }
            }
        }
        (self.blocks, self.sources, self.mentions) = (blocks, sources, mentions)
    }

    private static func command(_ line: String) -> Command {
        let expected = line.range(of: "=> ").map { String(line[$0.upperBound...]) }
        return Command(line: line, expected: line.contains("#") ? expected : nil)
    }

    /// A script for bash that types the commands one after the other. Before each it prints a record separator and the time.
    static func script(_ commands: [Command]) -> String {
        let lines = commands.map { "printf '\\036%s\\n' \"$EPOCHREALTIME\"\n\($0.line)" }
        return (["set -e", "exec 2>&1"] + lines + ["printf '\\036%s\\n' \"$EPOCHREALTIME\""]).joined(separator: "\n")
    }

    /// What each command printed, and when it began, from what such a script printed. The last entry is the end.
    static func transcript(_ output: String) -> [(seconds: Double, text: String)] {
        output.split(separator: "\u{1E}").map { part in
            let halves = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            return (Double(halves[0].replacing(",", with: ".")) ?? 0, halves.count > 1 ? String(halves[1]) : "")
        }
    }
}
