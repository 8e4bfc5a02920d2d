import Logging

/// Where the log of the long-lived commands goes: standard error, one line an event.
enum LogOutput {
    /// A logger for commands that answer at once: only what is wrong.
    static let quiet = logger(level: .error)

    /// A logger of that level; `TALKOOT_LOG` (`trace` … `critical`) overrides it.
    static func logger(level: Logger.Level) -> Logger {
        var logger = Logger(label: "talkoot", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = Screen.environment("TALKOOT_LOG").flatMap(Logger.Level.init(rawValue:)) ?? level
        return logger
    }
}
