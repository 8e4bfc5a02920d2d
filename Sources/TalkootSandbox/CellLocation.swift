import Glibc
import TalkootCore

/// Finds the executable that becomes a cell.
enum CellLocation {
    /// - Throws: ``TalkootError`` `notFound` with the places that were tried.
    static func find(given: String?) throws(TalkootError) -> String {
        let candidates = given.map { [$0] } ?? places()
        if let found = candidates.first(where: { access($0, X_OK) == 0 }) { return found }
        throw TalkootError(
            .notFound, "there is no talkoot-cell at \(candidates.joined(separator: ", "))",
            remedy: "install it beside talkoot, or name it in TALKOOT_CELL")
    }

    private static func places() -> [String] {
        var places: [String] = []
        if let named = getenv("TALKOOT_CELL") { places.append(String(cString: named)) }
        let program = SymbolicLink.target("/proc/self/exe")
        if let slash = program.lastIndex(of: "/") {
            let directory = program[..<slash]
            places += ["\(directory)/talkoot-cell", "\(directory)/../libexec/talkoot/talkoot-cell"]
        }
        return places
    }
}
