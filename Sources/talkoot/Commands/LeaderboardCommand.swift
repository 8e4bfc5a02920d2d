import ArgumentParser
import Foundation
import TalkootCore

/// `talkoot leaderboard`: who has earned how much, by the receipts.
struct LeaderboardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leaderboard",
        abstract: "Rank volunteers by the credit in files of receipts, every one of which is checked.",
        discussion: """
            talkoot leaderboard
            talkoot leaderboard receipts.jsonl others.jsonl --json

            Without a file: the receipts that this installation signed. RECENT halves every seven days.
            """)

    @Argument(help: ArgumentHelp("Files of receipts, one JSON line each; a receipt that is in several counts once.", valueName: "file"))
    var files: [String] = []
    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let home = try home.locate()
        var table = CreditTable(now: Int64(Date().timeIntervalSince1970))
        var seen: Set<Receipt> = []
        for file in files.isEmpty ? [home.issuedReceipts] : files {
            for receipt in try CheckedReceipts.read(file).receipts where seen.insert(receipt).inserted { table.add(receipt) }
        }
        if output.json { return try JSONText.print(table.ranking) }
        var rows = Table("VOLUNTEER", "RECENT", "CREDITS", "UNITS", "RECEIPTS")
        for row in table.ranking {
            rows.add(
                row.volunteer, ProgressText.fixed(row.recent, decimals: 3), ProgressText.fixed(row.credit, decimals: 3), "\(row.units)",
                "\(row.receipts)")
        }
        try rows.print()
    }
}
