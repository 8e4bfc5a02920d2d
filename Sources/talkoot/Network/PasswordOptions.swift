import ArgumentParser

/// `--password-file`.
struct PasswordOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Read the password from the first line of this file (- for standard input) instead of asking.", valueName: "file"))
    var passwordFile: String?
}
