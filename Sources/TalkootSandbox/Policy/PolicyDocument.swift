/// The policy in words, for `talkoot doctor --policy` and docs/threat-model.md. Made of the table that makes the filters.
public struct PolicyDocument: Sendable, Encodable {
    /// One line of the table.
    public struct Line: Sendable, Hashable, Encodable {
        /// The calls; empty where the line is about all others.
        public let calls: [Call]
        /// When the line holds: `always`, `while loading`, `with threads`, `in a template`.
        public let stage: String
        /// What the arguments have to be; empty when anything will do.
        public let condition: String
        /// What happens.
        public let answer: String
        /// Why the line is there.
        public let reason: String

        /// The calls in one text; `*` marks those that only x86-64 has.
        public var names: String {
            guard !calls.isEmpty else { return "every other" }
            return calls.map { $0.numbers[Architecture.arm.rawValue] == nil ? $0.name + "*" : $0.name }.joined(separator: ", ")
        }
    }

    /// A call with its numbers.
    public struct Call: Sendable, Hashable, Encodable {
        /// Its name.
        public let name: String
        /// Its number on each architecture that has it, by the architecture's name.
        public let numbers: [String: Int32]
    }

    /// The policy of every cell.
    public static var standard: PolicyDocument { PolicyDocument(.standard) }

    /// The lines, what is allowed first.
    public let lines: [Line]

    /// What the marks in ``Line/names`` and the stages mean, as one sentence each.
    public static let notes = [
        "`while loading` lines are in the first filter only, which holds while the library is loaded and its constructors run; the second one is put on top "
            + "of it before the first unit.",
        "`with threads` lines are there when the manifest asks for more than one thread.",
        "`in a template` lines come before others in the process that starts one for each unit (`isolation: unit`), and hold in that one until it loads a filter that "
            + "takes them back, which is before it has a call and the library. The template has them because a filter that it hands on need not be loaded again.",
        "Calls marked * exist on x86-64 only. What is made on x86-64 and aarch64 comes from this one table.",
        "Newer x86-64 kernels (seen on 6.18) exempt two numbers from every filter, uretprobe (335) and uprobe (336), since only a trampoline of the kernel's "
            + "own makes them. From anywhere else they do nothing: SIGILL and ENXIO.",
    ]

    init(_ policy: SystemCallPolicy) {
        let often = Dictionary(policy.rules.flatMap(\.calls).map { ($0, 1) }, uniquingKeysWith: +)
        var lines = policy.rules.map { rule in
            let isRest = if case .handler = rule.answer { rule.calls.contains { often[$0, default: 0] > 1 } } else { false }
            return Line(
                calls: rule.calls.map(Self.call), stage: rule.scope.words,
                condition: isRest ? "otherwise" : rule.conditions.map(\.words).joined(separator: "; "), answer: rule.answer.words,
                reason: rule.reason)
        }
        lines += SystemCallPolicy.neverMade.map { group in
            Line(calls: group.calls.map(Self.call), stage: "always", condition: "", answer: Self.stopped, reason: group.reason)
        }
        lines.append(Line(calls: [], stage: "always", condition: "", answer: Self.stopped, reason: "no computation needs it"))
        lines.append(
            Line(
                calls: [], stage: "always", condition: "of another architecture: int 0x80, x32, 32-bit code",
                answer: "the process is killed",
                reason: "its number means something else"))
        self.lines = lines
    }

    private static let stopped = "stopped: not made, reported by name, the cell ends"

    private static func call(_ name: String) -> Call {
        let numbers = Architecture.allCases.compactMap { architecture in
            architecture.number(of: name).map { (architecture.rawValue, $0) }
        }
        return Call(name: name, numbers: Dictionary(uniqueKeysWithValues: numbers))
    }

    /// The table and its notes as Markdown.
    public var markdown: String {
        let head = "| call | when | arguments | answer | why |\n|---|---|---|---|---|\n"
        let rows = lines.map { line in
            "| \(line.names.replacing("*", with: "\\*")) | \(line.stage) | \(line.condition) | \(line.answer) | \(line.reason) |\n"
        }
        return head + rows.joined() + "\n" + Self.notes.map { "- \($0.replacing("*", with: "\\*"))\n" }.joined()
    }
}

extension SystemCallRule.Scope {
    fileprivate var words: String {
        switch self {
        case .always: "always"
        case .loading: "while loading"
        case .threads: "with threads"
        case .template: "in a template"
        }
    }
}

extension SystemCallAnswer {
    fileprivate var words: String {
        switch self {
        case .allow: "made"
        case .error(.pretendDone): "0, and nothing is done"
        case .error(.notPermitted): "EPERM"
        case .error(.noSuchFile): "ENOENT"
        case .error(.invalid): "EINVAL"
        case .error(.notTerminal): "ENOTTY"
        case .error(.noSeek): "ESPIPE"
        case .error(.notImplemented): "ENOSYS"
        case .handler(.open): "the handler: `/module.so`, while it is loaded, is descriptor 4; else ENOENT"
        case .handler(.stat): "the handler: of a descriptor, fstat is made; of a name, ENOENT"
        case .handler(.close): "the handler: EBADF"
        case .handler(.mask): "the handler: done, but SIGSYS is never blocked"
        }
    }
}

extension ArgumentCondition {
    fileprivate var words: String {
        switch test {
        case .oneOf(let numbers, let ignored):
            "\(name) is \(numbers.names(", "))" + (ignored.isEmpty ? "" : ", also with \(ignored.names(", "))")
        case .signal(let number): "\(name) is \(number.name)"
        case .otherSignal(let number): "\(name) is not \(number.name)"
        case .bits(let required, let optional):
            if required.isEmpty {
                "\(name) has only \(optional.names(", "))"
            } else {
                "\(name) is \(required.names(" + "))" + (optional.isEmpty ? "" : ", perhaps with \(optional.names(", "))")
            }
        }
    }
}

extension [NamedNumber] {
    fileprivate func names(_ separator: String) -> String { map(\.name).joined(separator: separator) }
}
