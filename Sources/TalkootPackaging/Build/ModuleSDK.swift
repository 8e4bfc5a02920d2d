import Glibc
public import TalkootCore

/// What authors compile against: the C header and the sources of the Swift library `TalkootModule`.
public struct ModuleSDK: Hashable, Sendable {
    /// The directory that holds `Sources/CTalkoot/include/talkoot.h` and `Sources/TalkootModule`.
    public let root: String

    /// The directory of `talkoot.h`.
    public var headers: String { "\(root)/Sources/CTalkoot/include" }

    /// The directory of the Swift library's sources.
    public var swiftSources: String { "\(root)/Sources/TalkootModule" }

    /// The SDK in a directory.
    ///
    /// - Throws: ``TalkootError`` `notFound` when there is no `talkoot.h` in it.
    public init(root: String) throws(TalkootError) {
        self.root = root
        guard Files.isFile("\(headers)/talkoot.h") else {
            throw TalkootError(
                .notFound, "\(root) holds no Sources/CTalkoot/include/talkoot.h", remedy: "set TALKOOT_SDK to the SDK's directory")
        }
    }

    /// Finds the SDK: `$TALKOOT_SDK`, else `share/talkoot/sdk` beside the program's `bin`, else the source tree that the program lies in.
    ///
    /// - Throws: ``TalkootError`` `notFound` when it is in none of them.
    public static func locate() throws(TalkootError) -> ModuleSDK {
        if let named = getenv("TALKOOT_SDK") { return try ModuleSDK(root: String(cString: named)) }
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        let program = String(decoding: buffer.prefix(max(length, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var place = Files.directory(of: program)
        if let installed = try? ModuleSDK(root: "\(Files.directory(of: place))/share/talkoot/sdk") { return installed }
        while place != "/", place != "." {
            if let found = try? ModuleSDK(root: place) { return found }
            place = Files.directory(of: place)
        }
        throw TalkootError(.notFound, "the module SDK (talkoot.h) is not installed", remedy: "set TALKOOT_SDK to a talkoot source tree")
    }
}
