import Glibc
import TalkootCore
import TalkootPackaging

extension Home {
    /// This installation's packages, and behind them those that came with the program.
    var moduleStore: ModuleStore { ModuleStore(directory: modules, bundled: Self.bundledModules) }

    /// `modules` beside the program, and `share/talkoot/modules` under the prefix it is installed in.
    static var bundledModules: [String] { bundled("modules") }

    /// The folders of this name that came with the program: beside it, and in `share/talkoot` under the prefix it is installed in.
    static func bundled(_ name: String) -> [String] {
        let folder = program.split(separator: "/").dropLast()
        return [
            "/" + (folder + [Substring(name)]).joined(separator: "/"),
            "/" + (folder.dropLast() + ["share", "talkoot", Substring(name)]).joined(separator: "/"),
        ]
    }

    /// The running program; empty when /proc is not mounted.
    static var program: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        return String(decoding: buffer[..<max(0, length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The module that a person names, with the nearest name when there is none of that name.
    ///
    /// - Throws: ``TalkootError`` of ``ModuleStore/find(_:)``.
    func module(_ reference: String) throws(TalkootError) -> ModulePackage {
        do throws(TalkootError) {
            return try moduleStore.find(reference)
        } catch {
            let isPath = reference.contains("/") || reference.hasSuffix(".talkoot")
            guard error.code == .notFound, !isPath, let names = try? moduleStore.list().map(\.manifest.name),
                let near = NearName.find(reference, among: names)
            else { throw error }
            throw TalkootError(.notFound, error.message, remedy: "did you mean \(near)? \(error.remedy)")
        }
    }
}
