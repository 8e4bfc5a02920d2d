import Foundation
import TalkootCore
import Testing

@testable import TalkootPackaging

/// The score by the recurrence as it is in the books, one cell after the other, with 1 for equal letters' diagonal in place of a table: only queries and
/// proteins of A and W are scored, of which BLOSUM62 says 4, 11 and -3.
private func score(_ query: [Character], _ protein: [Character], open: Int, extend: Int) -> Int {
    let (rows, columns) = (query.count, protein.count)
    var best = 0
    var table = [[Int]](repeating: [Int](repeating: 0, count: columns + 1), count: rows + 1)
    for i in 0..<rows {
        for j in 0..<columns {
            let likeness = query[i] != protein[j] ? -3 : query[i] == "A" ? 4 : 11
            var value = max(0, table[i][j] + likeness)
            for gap in 1...max(i + 1, j + 1) {
                let cost = open + (gap - 1) * extend
                if gap <= i + 1 { value = max(value, table[i + 1 - gap][j + 1] - cost) }
                if gap <= j + 1 { value = max(value, table[i + 1][j + 1 - gap] - cost) }
            }
            table[i + 1][j + 1] = value
            best = max(best, value)
        }
    }
    return best
}

@Test("Proteins are scored as the plain recurrence scores them, at every level, however the lines are split")
func plainScores() throws {
    let module = try SampleModule.align.get()
    let scratch = try Scratch()
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = Seeded(state: seed)
    for (open, extend) in [(10, 1), (3, 2), (1, 1)] {
        func letters(_ range: ClosedRange<Int>) -> [Character] {
            (0..<Int.random(in: range, using: &random)).map { _ in "AAAW".randomElement(using: &random)! }
        }
        let query = letters(5...30)
        let proteins = (0..<40).map { _ in letters(0...40) }
        var fasta = ""
        for (number, protein) in proteins.enumerated() {
            fasta += ">p\(number)\n" + String(protein.prefix(11)) + "\n" + String(protein.dropFirst(11)).lowercased() + "\n"
        }
        let input = try scratch.write("fasta", fasta)
        let sorted = proteins.enumerated().map { (score: score(query, $0.element, open: open, extend: extend), number: $0.offset) }
            .sorted { $0.score != $1.score ? $0.score > $1.score : $0.number < $1.number }.prefix(30)
        let known = "score\tlength\tname\n" + sorted.map { "\($0.score)\t\(proteins[$0.number].count)\tp\($0.number)\n" }.joined()
        let given: [String: ParameterValue] = [
            "query": .text(String(query)), "gap-open": .integer(Int64(open)), "gap-extend": .integer(Int64(extend)), "top": .integer(30),
        ]
        for (library, size) in zip(module.runnable + [module.libraries[0]] + module.runnable, [1, 4, 7, 25, 1000] as [UInt64]) {
            let output = try module.run(given, itemsPerUnit: size, fanIn: 3, input: input, library: library)
            #expect(String(decoding: output, as: UTF8.self) == known, "units of \(size), \(library)")
        }
    }
}
