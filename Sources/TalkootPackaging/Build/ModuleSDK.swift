import Glibc
public import TalkootCore

/// What authors compile against: the C header and the sources of the Swift library `TalkootModule`.
public struct ModuleSDK: Hashable, Sendable {
    /// The SDK's directory.
    public let root: String
    /// The directory of `talkoot.h`.
    public let headers: String
    /// The directory of the Swift library's sources.
    public let swiftSources: String
    /// The directory of the sources of `TalkootAsync`, for modules that wait.
    public let asyncSources: String

    /// The SDK in a directory: a source tree, with `Sources/CTalkoot/include`, `Sources/TalkootModule` and `Sources/TalkootAsync`, or an installed
    /// one, with `include`, `TalkootModule` and `TalkootAsync`.
    ///
    /// - Throws: ``TalkootError`` `notFound` when there is no `talkoot.h` in it.
    public init(root: String) throws(TalkootError) {
        let root = Files.absolute(root)
        let places = [("\(root)/Sources/CTalkoot/include", "\(root)/Sources"), ("\(root)/include", root)]
        guard let place = places.first(where: { Files.isFile("\($0.0)/talkoot.h") && Files.isDirectory("\($0.1)/TalkootModule") }) else {
            throw TalkootError(
                .notFound, "\(root) holds no module SDK (talkoot.h and TalkootModule)", remedy: "set TALKOOT_SDK to its directory")
        }
        self.root = root
        headers = place.0
        swiftSources = "\(place.1)/TalkootModule"
        asyncSources = "\(place.1)/TalkootAsync"
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
