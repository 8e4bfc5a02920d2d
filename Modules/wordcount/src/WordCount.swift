import TalkootModule

// Counts words: runs of ASCII letters, in lower case. An item is a line, a result a table of words in ascending order (Table.swift).

/// Counts the words of the unit's lines.
func count(_ host: Host, _ unit: Unit, _ output: Output) throws(Failure) {
    var counter = WordCounter()
    counter.count(unit.input)
    try counter.writeTable(to: output)
}

/// Folds tables into one: equal words' counts are added.
func fold(_ host: Host, _ results: Results, _ output: Output) throws(Failure) {
    var merger = TableMerger()
    for result in results { try merger.add(result) }
    try merger.writeTable(to: output)
}

/// Writes `word,count` lines, the most frequent word first, words of equal count in ascending order.
func report(_ host: Host, _ merged: Bytes, _ output: Output) throws(Failure) {
    var ranking = Ranking()
    var reader = TableReader(merged)
    while try reader.advance() { ranking.add(reader.word, count: reader.count) }
    try ranking.write(to: output)
}

/// The module, as the host looks it up.
@c(talkoot_module_v1) public func wordCountModule(_ host: HostPointer?) -> ModulePointer? {
    Module.export(run: count, merge: fold, finish: report)
}
