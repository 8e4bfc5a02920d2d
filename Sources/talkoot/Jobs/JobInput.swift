import Glibc
import TalkootCore

/// The input of a job: a file that stays where it is, or what comes from standard input, which is kept with the job.
enum JobInput {
    /// Checks that the module and the command line agree, and that the file can be read.
    ///
    /// - Returns: the absolute path; `nil` when the module reads nothing. `-` and pipes are copied to `directory` first.
    /// - Throws: ``TalkootError`` `usage` when input is missing or not wanted, `notFound`, `refused`, `badData` or `inputOutput` when it
    ///   cannot be read, `cannotCreate` when a copy cannot be made.
    static func resolve(_ manifest: Manifest, flag: String?, directory: String) throws(TalkootError) -> String? {
        guard let flag else {
            guard manifest.input != .none else { return nil }
            throw TalkootError(
                .usage, "\(manifest.name) reads an input (\(manifest.input))", remedy: "give --input FILE, or --input - for standard input")
        }
        guard manifest.input != .none else {
            throw TalkootError(.usage, "\(manifest.name) reads no input", remedy: "leave out --input")
        }
        if flag == "-" { return try spool(STDIN_FILENO, named: "standard input", directory: directory) }
        let descriptor = open(flag, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFault.reading(flag) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFault.reading(flag) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return Home.absolute(flag)
        case S_IFDIR: throw FileFault.reading(flag, code: EISDIR)
        default: return try spool(descriptor, named: flag, directory: directory)
        }
    }

    /// Copies a stream, which cannot be read twice, to `input` in the job's directory.
    private static func spool(_ source: Int32, named name: String, directory: String) throws(TalkootError) -> String {
        try Home.makeDirectory(directory)
        let path = directory + "/input"
        let target = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw FileFault.creating(path) }
        defer { close(target) }
        try FileBytes.copy(from: source, named: name, to: target, named: path)
        return path
    }
}
