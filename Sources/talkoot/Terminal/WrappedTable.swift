import TalkootCore

/// Rows for a person whose cells are sentences: columns of fixed width, in which the words of a cell go on below each other.
struct WrappedTable {
    private let columns: [(title: String, width: Int)]
    private var rows: [[String]] = []

    /// A table with these columns, each with its title and its width in characters.
    init(_ columns: [(title: String, width: Int)]) { self.columns = columns }

    /// Adds a row, which has one text per column.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells.map(Table.printable))
    }

    /// The lines, titles first.
    var lines: [String] {
        ([columns.map(\.title)] + rows).flatMap { row in
            let cells = zip(row, columns).map { Self.wrap($0, width: $1.width) }
            return (0..<(cells.map(\.count).max() ?? 0)).map { index in line(cells.map { $0.dropFirst(index).first ?? "" }) }
        }
    }

    private func line(_ cells: [String]) -> String {
        let padded = zip(cells, columns).map { cell, column in cell + String(repeating: " ", count: max(0, column.width - cell.count)) }
        var line = padded.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }

    /// The words in lines of at most this width, except for a word that is wider.
    static func wrap(_ text: String, width: Int) -> [String] {
        text.split(separator: " ").reduce(into: []) { lines, word in
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
    }

    /// Prints the lines to standard output.
    ///
    /// - Throws: ``TalkootError`` `inputOutput` when standard output cannot take them.
    func print() throws(TalkootError) {
        for line in lines { try StandardStream.print(line) }
    }
}
