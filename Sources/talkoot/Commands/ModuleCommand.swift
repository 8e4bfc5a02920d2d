import ArgumentParser

/// `talkoot module`: for those who write modules.
struct ModuleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "module",
        abstract: "Write, try, check, pack and publish modules.",
        discussion: """
            talkoot module new squares --language c          the folder of a module that works
            talkoot module run squares limit=10              one unit of it, in a cell here
            talkoot module check squares                     try it as volunteers will
            talkoot module pack squares                      build, sign and pack a module's directory
            talkoot module inspect primes-1.0.0.talkoot      what it is, and whether machines will run it
            talkoot module publish primes-1.0.0.talkoot      offer it at the tracker
            """,
        subcommands: [
            ModuleNewCommand.self, ModuleBuildCommand.self, ModuleRunCommand.self, ModuleCheckCommand.self, ModulePackCommand.self,
            ModuleSignCommand.self, ModuleInspectCommand.self, ModuleAddCommand.self, ModulePublishCommand.self, ModuleFetchCommand.self,
            ModuleYankCommand.self, ModuleTrustCommand.self,
        ])
}
