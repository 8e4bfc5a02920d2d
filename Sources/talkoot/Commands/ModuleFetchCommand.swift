import ArgumentParser
import Glibc
import TalkootCore
import TalkootPackaging
import TalkootPeer

/// `talkoot module fetch`: downloads a package from a tracker into this installation's store.
struct ModuleFetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Download a module from a tracker, check it and keep it.",
        discussion: """
            talkoot module fetch primes
            talkoot module fetch primes@1.2.0 --tracker tracker.example.org --trusted

            NAME means its newest version that is not yanked; a yanked one comes by its digest only. \
            Prints the module's identity. The package is refused when its signature, its digests or a library's form is \
            wrong, and with --trusted unless `talkoot module trust` knows its publisher or the module itself.
            """)

    @Argument(help: "NAME, NAME@VERSION or a digest.") var module: String
    @Flag(name: .long, help: "Refuse what is not trusted here.") var trusted = false
    @OptionGroup var tracker: TrackerOptions

    func run() async throws {
        try await tracker.use { (use) async throws(TalkootError) in
            let known = trusted ? Set(try TrustFile(home: use.home).read().map(\.key)) : nil
            let (client, _) = try await use.dialer.authenticated(use.endpoint, session: use.session)
            let store = use.home.moduleStore
            let temporary = try store.temporaryPath()
            defer { unlink(temporary) }
            _ = try await client.fetchModule(module, to: temporary)
            await client.quit()
            let arrived = try ModulePackage.read(path: temporary)
            guard known?.contains(arrived.digest.description) ?? true || arrived.publisher.map({ known?.contains($0) ?? true }) ?? false
            else {
                throw TalkootError(
                    .refused,
                    "\(arrived.reference) is \(arrived.publisher.map { "signed by \($0), who is not trusted here" } ?? "not signed")",
                    remedy: "`talkoot module trust PUBLISHER`, once you know whose key it is")
            }
            let package = try store.add(path: temporary)
            StandardStream.note("talkoot: \(package.reference) of \(package.publisher ?? "an unknown publisher") can be run by name now")
            try StandardStream.print(package.digest.description)
        }
    }
}
