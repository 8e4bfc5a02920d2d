/// Random proteins, some of which hold a changed copy of a query.
struct Proteins {
    let query: String
    let fasta: String
    let count = 60

    init() {
        let residues = Array("ARNDCQEGHILKMFPSTWYV")
        let query = (0..<140).map { _ in residues.randomElement()! }
        var fasta = ""
        for number in 0..<count {
            var residues = (0..<Int.random(in: 20...300)).map { _ in residues.randomElement()! }
            if number % 3 == 0 { residues.insert(contentsOf: query.filter { _ in Int.random(in: 0..<10) > 0 }, at: 10) }
            fasta += ">p\(number)\n"
            while !residues.isEmpty {
                fasta += String(residues.prefix(60)) + "\n"
                residues.removeFirst(min(60, residues.count))
            }
        }
        self.query = String(query)
        self.fasta = fasta
    }
}
