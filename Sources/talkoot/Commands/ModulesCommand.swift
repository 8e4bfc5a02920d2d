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
            talkoot modules prim                              those whose names hold `prim`
            talkoot modules 'primes@1.*' --publisher alice    the versions 1 of primes, signed or published by her

            A `*` stands for any part of a name or version. A publisher is an account at the tracker or the beginning of \
            a key's name (tkp1…).
            """)

    @Argument(help: "NAME, NAME@VERSION or @VERSION, in which `*` stands for any part.") var pattern: String = ""
    @Option(name: .long, help: ArgumentHelp("Only those that this account published, or this key signed.", valueName: "name"))
    var publisher: String?
    @Option(name: .long, help: ArgumentHelp("List this tracker's modules.", valueName: "tracker")) var tracker: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    private struct Row: Encodable {
        var name: String
        var version: String
        var digest: Digest
        var bytes: UInt64
        var publisher: String?
        var uploader: String?
        var yanked: String?
        var summary: String?
    }

    func run() async throws {
        let home = try home.locate()
        guard let pattern = ModulePattern(pattern) else {
            throw TalkootError(.usage, "a pattern has at most \(ModulePattern.bytes) bytes", remedy: "leave some of it out")
        }
        let rows = try await tracker == nil ? local(home, pattern) : remote(home, pattern)
        if output.json { return try JSONText.print(rows) }
        var table = Table("NAME", "VERSION", "DIGEST", "SIZE", "PUBLISHER", "SUMMARY")
        for row in rows {
            table.add(
                row.name, row.version, row.digest.short, NumberText.size(row.bytes), row.publisher.map { String($0.prefix(12)) } ?? "-",
                row.yanked.map { "yanked: \($0)" } ?? row.summary ?? "")
        }
        if rows.isEmpty, !pattern.description.isEmpty || publisher != nil { return StandardStream.note("talkoot: no module is like that") }
        if rows.isEmpty { return StandardStream.note("talkoot: no modules; pack one with `talkoot module pack DIRECTORY`") }
        try table.print()
    }

    private func local(_ home: Home, _ pattern: ModulePattern) throws(TalkootError) -> [Row] {
        try home.moduleStore.list().filter { package in
            pattern.matches(name: package.manifest.name, version: package.manifest.version)
                && publisher.map { package.publisher?.hasPrefix($0) ?? false } ?? true
        }.map { package in
            Row(
                name: package.manifest.name, version: package.manifest.version.description, digest: package.digest,
                bytes: UInt64(package.fileBytes), publisher: package.publisher, summary: package.manifest.summary)
        }
    }

    private func remote(_ home: Home, _ pattern: ModulePattern) async throws(TalkootError) -> [Row] {
        let records = try await TrackerUse.run(home: home, tracker: tracker) { (use) async throws(TalkootError) -> [ModuleRecord] in
            let (client, _) = try await use.dialer.authenticated(use.endpoint, session: use.session)
            let records = try await client.moduleList(matching: pattern, by: publisher)
            await client.quit()
            return records
        }
        return records.map {
            Row(
                name: $0.name, version: $0.version.description, digest: $0.digest, bytes: $0.size, publisher: $0.publisher,
                uploader: $0.uploader, yanked: $0.yanked)
        }
    }
}
