import Glibc
import TalkootCore
import TalkootPackaging

/// A capsule's unit in the debugger: a plain process that is confined by nothing.
struct BareReplay {
    let capsule: Capsule
    let package: ModulePackage

    /// Warns, asks, and runs gdb on this terminal until the person leaves it.
    ///
    /// - Throws: ``TalkootError`` `notFound` without gdb, the loader or the unit's input, `usage` when there is nobody to ask, `refused`
    ///   after a no, `cannotCreate` when the temporary files cannot be written.
    func run(isConfirmed: Bool) throws(TalkootError) {
        guard let debugger = Self.find("gdb", in: (Screen.environment("PATH") ?? "/usr/bin:/bin").split(separator: ":").map(String.init))
        else { throw TalkootError(.notFound, "there is no gdb", remedy: "sudo apt install gdb") }
        let loader = try Self.loader()
        StandardStream.note(
            "talkoot: \(package.reference) will run WITHOUT CONFINEMENT: it can do all that you can, read your files and use the network")
        if !isConfirmed { try Self.ask() }
        let folder = try Self.temporaryFolder()
        defer { for name in ["module.so", "input", "checkpoint", ""] { remove("\(folder)/\(name)") } }
        let arguments = try arguments(folder)
        try Self.start(debugger, ["gdb", "-q", "-ex", "run", "--args", loader] + arguments)
    }

    /// The loader's arguments; writes the files that they name.
    private func arguments(_ folder: String) throws(TalkootError) -> [String] {
        try FileBytes.replace("\(folder)/module.so", with: try package.library())
        var input = "-"
        switch capsule.input {
        case .none: break
        case .bytes(let bytes):
            input = "\(folder)/input"
            try FileBytes.replace(input, with: bytes)
        case .omitted: throw TalkootError(.notFound, "the capsule did not keep the unit's input", remedy: "use smaller units")
        }
        var checkpoint = "-"
        if !capsule.checkpoint.isEmpty {
            checkpoint = "\(folder)/checkpoint"
            try FileBytes.replace(checkpoint, with: capsule.checkpoint)
        }
        let items = capsule.shape.items(ofUnit: capsule.unit)
        let parameters = capsule.parameters.sorted { $0.key < $1.key }.map { name, value in
            let kind =
                switch value {
                case .integer: "integer"
                case .real: "real"
                case .flag: "flag"
                case .text: "text"
                }
            return "\(name)=\(kind):\(value)"
        }
        return [
            "\(folder)/module.so", "\(capsule.unit)", "\(items.lowerBound)", "\(items.upperBound - items.lowerBound)",
            "\(capsule.unitSeed)", "\(capsule.attempt)",
            input, checkpoint, "\(capsule.limits.outputBytes)",
        ] + parameters
    }

    private static func find(_ name: String, in folders: [String]) -> String? {
        folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// talkoot-bare, beside this program or where it is installed.
    private static func loader() throws(TalkootError) -> String {
        let program = Home.program
        let folder = program.lastIndex(of: "/").map { String(program[..<$0]) } ?? "."
        if let found = find("talkoot-bare", in: [folder, "\(folder)/../libexec/talkoot"]) { return found }
        throw TalkootError(.notFound, "there is no talkoot-bare beside \(program)", remedy: "install talkoot whole (`make install`)")
    }

    private static func ask() throws(TalkootError) {
        guard isatty(STDIN_FILENO) == 1 else {
            throw TalkootError(.usage, "there is nobody to ask whether that is meant", remedy: "add --yes")
        }
        StandardStream.noteRaw("Go on? [y/N] ")
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            throw TalkootError(.refused, "it was not run")
        }
    }

    private static func temporaryFolder() throws(TalkootError) -> String {
        let base = Screen.environment("TMPDIR") ?? "/tmp"
        var name = Array("\(base)/talkoot-replay-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw FileFault.creating(base) }
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Runs a program on this terminal to its end. Ctrl-C is for it, not for this process.
    private static func start(_ path: String, _ arguments: [String]) throws(TalkootError) {
        let before = signal(SIGINT, SIG_IGN)
        defer { signal(SIGINT, before) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // This thread may block signals that the debugger waits for.
        var all = sigset_t()
        sigfillset(&all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, path, nil, &attributes, &words, environ)
        guard error == 0 else { throw TalkootError(.cannotCreate, "cannot start \(path): \(SystemText.reason(error))") }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }
}
