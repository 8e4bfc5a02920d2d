import ArgumentParser
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol

/// `talkoot modules`: what can be run.
struct ModulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "modules",
        abstract: "List the modules here, or at a tracker.",
        discussion: """
            talkoot modules                                   those of this installation
            talkoot modules --tracker tracker.example.org     those that a tracker offers
            """)

    @Option(name: .long, help: ArgumentHelp("List this tracker's modules.", valueName: "tracker")) var tracker: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    private struct Row: Encodable {
        var name: String
        var version: String
        var digest: Digest
        var bytes: UInt64
        var publisher: String?
        var summary: String?
    }

    func run() async throws {
        let home = try home.locate()
        let rows = try await tracker == nil ? Self.local(home) : remote(home)
        if output.json { return try JSONText.print(rows) }
        var table = Table("NAME", "VERSION", "DIGEST", "SIZE", "PUBLISHER", "SUMMARY")
        for row in rows {
            table.add(
                row.name, row.version, row.digest.short, NumberText.size(row.bytes), row.publisher.map { String($0.prefix(12)) } ?? "-",
                row.summary ?? "")
        }
        if rows.isEmpty { return StandardStream.note("talkoot: no modules; pack one with `talkoot module pack DIRECTORY`") }
        try table.print()
    }

    private static func local(_ home: Home) throws(TalkootError) -> [Row] {
        try home.moduleStore.list().map { package in
            Row(
                name: package.manifest.name, version: package.manifest.version.description, digest: package.digest,
                bytes: UInt64(package.fileBytes), publisher: package.publisher, summary: package.manifest.summary)
        }
    }

    private func remote(_ home: Home) async throws(TalkootError) -> [Row] {
        let records = try await TrackerUse.run(home: home, tracker: tracker) { (use) async throws(TalkootError) -> [ModuleRecord] in
            let (client, _) = try await use.dialer.authenticated(use.endpoint, session: use.session)
            let records = try await client.moduleList()
            await client.quit()
            return records
        }
        return records.map {
            Row(name: $0.name, version: $0.version.description, digest: $0.digest, bytes: $0.size, publisher: $0.publisher, summary: nil)
        }
    }
}
