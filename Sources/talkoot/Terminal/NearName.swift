/// The name that somebody probably meant.
enum NearName {
    /// The name with the fewest edits, when a third of the letters or fewer differ.
    static func find(_ text: String, among names: [String]) -> String? {
        let limit = max(1, text.count / 3)
        let ranked = Set(names).map { (name: $0, distance: distance(Array(text.lowercased()), Array($0))) }
        let best = ranked.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return best.flatMap { $0.distance <= limit ? $0.name : nil }
    }

    /// Levenshtein's distance: insertions, deletions and replacements that turn one into the other.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var row = Array(0...right.count)
        for (line, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, other) in right.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
