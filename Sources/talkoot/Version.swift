/// The program's version, as `--version` prints it and `hello` says it.
enum Version {
    /// After semver.org.
    static let text = "0.1.0"
    /// The name and version that other peers see.
    static let agent = "talkoot/\(text)"
}
