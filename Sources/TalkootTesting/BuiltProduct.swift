import Glibc
public import TalkootCore

/// Finds executables of this package beside the running test bundle.
public enum BuiltProduct {
    /// The path of the built executable `name`.
    ///
    /// Looks in the directory of the running program and of the test bundle named on its command line, and in each
    /// directory above them. A test target must list the executable among its dependencies to have it built.
    ///
    /// - Throws: ``TalkootError`` `notFound` with the places that were tried.
    public static func path(_ name: String) throws(TalkootError) -> String {
        let starts = [programPath()] + CommandLine.arguments.map(absolute)
        for start in starts where start.hasPrefix("/") {
            for directory in directories(above: start) {
                let candidate = directory + "/" + name
                if isExecutable(candidate) { return candidate }
            }
        }
        throw TalkootError(
            .notFound, "there is no built \(name) beside \(starts[0])", remedy: "add it to the test target's dependencies")
    }

    /// The running program's own path.
    private static func programPath() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            let count = readlink("/proc/self/exe", start, buffer.count)
            return String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// The argument as an absolute path, when it names something that exists.
    private static func absolute(_ argument: String) -> String {
        guard argument.contains("/"), let resolved = realpath(argument, nil) else { return "" }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The directories that hold `path`, the innermost first.
    private static func directories(above path: String) -> [String] {
        var directories: [String] = []
        var rest = Substring(path)
        while let slash = rest.lastIndex(of: "/"), slash > rest.startIndex {
            rest = rest[..<slash]
            directories.append(String(rest))
        }
        return directories
    }

    private static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}
