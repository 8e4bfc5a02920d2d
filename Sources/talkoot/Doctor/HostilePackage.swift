import Glibc
import TalkootCore
import TalkootPackaging

/// The package of the hostile module. It lies apart from the modules that come with the program: nobody is offered it for a job.
enum HostilePackage {
    /// The library for this machine.
    ///
    /// Looked for in `$TALKOOT_ATTACKS`, in `attacks` beside the program, and in `share/talkoot/attacks` under the prefix it is installed in.
    ///
    /// - Throws: ``TalkootError`` `notFound` with the places, `badData` when a package is damaged, `refused` when it has no library for
    ///   this machine.
    static func library() throws(TalkootError) -> [UInt8] {
        for folder in folders {
            let path = "\(folder)/hostile-1.0.0.talkoot"
            if FileBytes.exists(path) { return try ModulePackage.read(path: path).library() }
        }
        throw TalkootError(
            .notFound, "there is no hostile-1.0.0.talkoot in \(folders.joined(separator: ", "))",
            remedy: "build it with `make modules` beside talkoot, or name its folder in TALKOOT_ATTACKS")
    }

    private static var folders: [String] {
        let named = Screen.environment("TALKOOT_ATTACKS").map { [$0] } ?? []
        return named + Home.bundled("attacks")
    }
}
