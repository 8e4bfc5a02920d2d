import ArgumentParser
import TalkootCore

/// The program: reads the command line, runs one command and turns its error into one line and an exit status.
@main
struct Talkoot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "talkoot",
        abstract: "Run a computation on many machines, in cells that can touch nothing.",
        discussion: """
            talkoot run primes limit=1e9         count primes on this machine
            talkoot demo                         a whole network, here, for half a minute
            talkoot doctor                       how well this machine confines strangers' code

            To share machines: `talkoot tracker` on one, `talkoot signup NAME --tracker HOST` and `talkoot volunteer` on \
            the others, then `talkoot run … --on HOST`.

            Exit status: 0 done, 1 the job failed, 64 usage, 65 bad data, 66 not found, 69 unreachable, 70 internal, \
            73 cannot create, 74 input or output, 75 try later, 77 refused, 130 interrupted.
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Jobs",
                subcommands: [
                    RunCommand.self, EstimateCommand.self, JobsCommand.self, JobCommand.self, WatchCommand.self, ResultCommand.self,
                    ExplainCommand.self, ResumeCommand.self, CancelCommand.self, ReplayCommand.self, CoordinatorCommand.self,
                ]),
            CommandGroup(
                name: "Network",
                subcommands: [
                    TrackerCommand.self, VolunteerCommand.self, SignupCommand.self, LoginCommand.self, LogoutCommand.self,
                    WhoamiCommand.self, PeersCommand.self, ReceiptsCommand.self, LeaderboardCommand.self,
                ]),
            CommandGroup(name: "Modules", subcommands: [ModulesCommand.self, ModuleCommand.self]),
            CommandGroup(
                name: "This machine", subcommands: [DoctorCommand.self, DemoCommand.self, SimCommand.self, IdentityCommand.self]),
        ])

    /// Runs the command that the arguments name and exits with its status.
    static func main() async {
        StandardStream.prepare()
        Lifeline.attach()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            StandardStream.exit(FailureReport(error))
        }
        StandardStream.exit(status: 0)
    }
}
