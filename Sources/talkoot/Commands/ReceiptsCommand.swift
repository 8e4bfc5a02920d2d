import ArgumentParser
import Foundation
import TalkootCore
import TalkootPeer

/// `talkoot receipts`: what was signed for work that stands.
struct ReceiptsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipts",
        abstract: "List or verify receipts: what requesters signed for units that stand.",
        discussion: """
            talkoot receipts list
            talkoot receipts list --issued --json
            talkoot receipts verify receipts.jsonl

            A requester signs for each volunteer's units when a job on a tracker's volunteers is done; the volunteer keeps the receipts in \
            receipts.jsonl in its home, the requester in receipts-issued.jsonl. Each names the one before by its digest, so that none can be \
            changed, left out or counted twice unseen.
            """,
        subcommands: [ReceiptsListCommand.self, ReceiptsVerifyCommand.self])
}

/// `talkoot receipts list`.
struct ReceiptsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the receipts that this installation got, or signed.",
        discussion: """
            talkoot receipts list
            talkoot receipts list --issued
            """)

    @Flag(name: .long, help: "Those that this installation signed as a requester.") var issued = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let home = try home.locate()
        let receipts = try ReceiptFile(path: issued ? home.issuedReceipts : home.receivedReceipts).read()
        if output.json { return try JSONText.print(receipts.map(ReceiptReport.init)) }
        guard !receipts.isEmpty else { return StandardStream.note("talkoot: no receipts yet") }
        var table = Table("WHEN", "VOLUNTEER", "JOB", "MODULE", "UNITS", "CREDITS", "ISSUER")
        for receipt in receipts {
            table.add(
                CalendarText.iso(receipt.time), receipt.volunteer, receipt.job.description, receipt.module.short, "\(receipt.unitCount)",
                ProgressText.fixed(Double(receipt.microcredits) / 1e6, decimals: 6), receipt.issuer.short)
        }
        try table.print()
    }
}

/// `talkoot receipts verify`.
struct ReceiptsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute every signature and the chain of a file of receipts.",
        discussion: "talkoot receipts verify receipts.jsonl")

    @Argument(help: ArgumentHelp("A file of receipts, one JSON line each.", valueName: "file")) var file: String

    func run() async throws {
        let (receipts, missing) = try CheckedReceipts.read(file)
        let units = receipts.reduce(0 as UInt64) { $0.addingReportingOverflow($1.unitCount).partialValue }
        let credits = receipts.reduce(0) { $0 + Double($1.microcredits) / 1e6 }
        try StandardStream.print(
            "\(ProgressText.count(receipts.count, "receipt")) for \(units) units and \(ProgressText.fixed(credits, decimals: 6)) credits: "
                + "all signatures and chains hold")
        if missing > 0 { StandardStream.note("talkoot: \(missing) more of these chains are not in this file") }
    }
}

/// A receipt for a program.
struct ReceiptReport: Encodable {
    var issuer: String
    var number: UInt64
    var volunteer: String
    var job: String
    var module: Digest
    var units: String
    var microcredits: UInt64
    var time: Int64

    /// Describes a receipt.
    init(_ receipt: Receipt) {
        (issuer, number, volunteer) = (receipt.issuer.description, receipt.number, receipt.volunteer)
        (job, module, units) = (receipt.job.description, receipt.module, receipt.unitsText)
        (microcredits, time) = (receipt.microcredits, receipt.time)
    }
}
