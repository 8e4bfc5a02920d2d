import TalkootCore

/// Rows for a person: columns as wide as their widest cell, two spaces apart, the last one ragged.
struct Table {
    private let header: [String]
    private var rows: [[String]] = []

    /// A table with these column titles.
    init(_ header: String...) { self.header = header }

    /// Adds a row, which has one text per column. What a stranger wrote loses its control characters.
    mutating func add(_ cells: String...) {
        precondition(cells.count == header.count, "a row has a cell for each column")
        rows.append(cells.map(Self.printable))
    }

    /// Whether no row was added.
    var isEmpty: Bool { rows.isEmpty }

    /// The lines, titles first.
    var lines: [String] {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                line += isLast ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            return line
        }
    }

    /// Prints the lines to standard output.
    ///
    /// - Throws: ``TalkootError`` `inputOutput` when standard output cannot take them.
    func print() throws(TalkootError) {
        for line in lines { try StandardStream.print(line) }
    }

    /// The text without control characters, which could move a terminal's cursor.
    static func printable(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : Character($0) })
    }
}
