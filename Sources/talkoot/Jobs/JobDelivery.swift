import Glibc
import TalkootCore
import TalkootPackaging

/// How a job's output reaches the person: a file they named, standard output, or the manifest's file name.
enum JobDelivery {
    /// The name of an output that was not sent to a file of the requester's choice, in the job's directory.
    static func keptOutput(directory: String) -> String { directory + "/output" }

    /// Where the coordinator writes the output.
    ///
    /// With a flag that file. Without one the job's own directory, from where text and what is piped goes to standard output; what is
    /// not fit for a terminal goes to the manifest's file name here, if there is no such file yet.
    /// - Throws: ``TalkootError`` `cannotCreate` when nothing can be written there: better now than after the job.
    static func place(flag: String?, manifest: Manifest, directory: String) throws(TalkootError) -> String {
        if let flag {
            try check(flag)
            return Home.absolute(flag)
        }
        guard !manifest.output.isText, StandardStream.outputIsTerminal else { return keptOutput(directory: directory) }
        try check(manifest.output.name)
        guard !FileBytes.exists(manifest.output.name) else {
            throw TalkootError(.cannotCreate, "\(manifest.output.name) is already here", remedy: "give --output FILE")
        }
        return Home.absolute(manifest.output.name)
    }

    /// Hands over the output at `path`: prints it when it was kept for that, else says where it is.
    ///
    /// - Throws: ``TalkootError`` when it cannot be read or written.
    static func deliver(path: String, byteCount: UInt64, directory: String) throws(TalkootError) {
        guard path == keptOutput(directory: directory) else {
            return StandardStream.note("talkoot: \(path), \(NumberText.size(byteCount))")
        }
        try print(path)
    }

    /// Copies a file to standard output.
    ///
    /// - Throws: ``TalkootError`` when it cannot be read or written.
    static func print(_ path: String) throws(TalkootError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFault.reading(path) }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var last: UInt8 = 10
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFault.reading(path) }
            if count == 0 { break }
            last = buffer[count - 1]
            try StandardStream.write(Array(buffer[..<count]))
        }
        if last != 10, StandardStream.outputIsTerminal { try StandardStream.print("") }
    }

    /// Copies the output to a file that appears whole or not at all.
    ///
    /// - Throws: ``TalkootError`` when it cannot be read or written.
    static func copy(_ path: String, to target: String) throws(TalkootError) {
        try check(target)
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw FileFault.reading(path) }
        defer { close(source) }
        let temporary = "\(target).\(getpid()).part"
        let destination = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard destination >= 0 else { throw FileFault.creating(target) }
        defer { close(destination) }
        do throws(TalkootError) {
            try FileBytes.copy(from: source, named: path, to: destination, named: target)
        } catch {
            unlink(temporary)
            throw error
        }
        guard fsync(destination) == 0, rename(temporary, target) == 0 else { throw FileFault.writing(target, removing: temporary) }
    }

    /// Makes sure that a file of that name could be made.
    ///
    /// - Throws: ``TalkootError`` `cannotCreate`.
    static func check(_ path: String) throws(TalkootError) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        var status = stat()
        guard stat(folder, &status) == 0 else {
            throw TalkootError(.cannotCreate, "there is no directory \(folder) for the output", remedy: "make it, or give another --output")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw TalkootError(.cannotCreate, "\(folder) is no directory", remedy: "give another --output")
        }
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw TalkootError(.cannotCreate, "\(path) is a directory", remedy: "give --output a file's name")
        }
        guard access(folder, W_OK | X_OK) == 0 else {
            throw TalkootError(
                .cannotCreate, "the output directory \(folder) is not writable: \(SystemText.reason())", remedy: "give another --output")
        }
    }
}
