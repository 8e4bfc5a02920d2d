import ArgumentParser

/// `talkoot module`: for those who write modules.
struct ModuleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "module",
        abstract: "Build, pack, inspect and publish modules.",
        discussion: """
            talkoot module pack Modules/primes               build, check and pack a module's directory
            talkoot module inspect primes-1.0.0.talkoot      what it is, and whether machines will run it
            talkoot module publish primes-1.0.0.talkoot      offer it at the tracker
            """,
        subcommands: [
            ModuleBuildCommand.self, ModulePackCommand.self, ModuleInspectCommand.self, ModuleAddCommand.self, ModulePublishCommand.self,
        ])
}
