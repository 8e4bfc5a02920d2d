/// How a tracker is run.
public struct TrackerConfiguration: Sendable {
    /// The address to listen on: `0.0.0.0` or `::` for all.
    public var host: String
    /// The port; 0 takes a free one.
    public var port: Int
    /// Whether passwords may come in clear text from other machines, as the original clients send them. They can be read on
    /// the way.
    public var allowsInsecureLogins: Bool
    /// Connections from one address other than loopback.
    public var connectionsPerAddress: Int
    /// What deriving a password's hash costs.
    public var passwordCost: PasswordCost
    /// Circuits carried at once; 0 carries none.
    public var relayCircuits: Int
    /// Bytes a second carried for all circuits together.
    public var relayBytesPerSecond: Int

    /// A configuration.
    public init(
        host: String = "0.0.0.0", port: Int = 7117, allowsInsecureLogins: Bool = false, connectionsPerAddress: Int = 64,
        passwordCost: PasswordCost = .standard, relayCircuits: Int = 512, relayBytesPerSecond: Int = 128 << 20
    ) {
        self.host = host
        self.port = port
        self.allowsInsecureLogins = allowsInsecureLogins
        self.connectionsPerAddress = connectionsPerAddress
        self.passwordCost = passwordCost
        self.relayCircuits = relayCircuits
        self.relayBytesPerSecond = relayBytesPerSecond
    }
}
