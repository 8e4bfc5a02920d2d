import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import TalkootCore

/// Failures of sockets and TLS in the words of this project.
enum NetworkFailure {
    /// What ended an open connection; `nil` for what only says that the peer is gone.
    static func duringConnection(_ error: any Error) -> TalkootError? {
        switch error {
        case let error as TalkootError: error
        case NIOSSLError.uncleanShutdown: nil
        case let error as IOError: TalkootError(.unreachable, "the connection broke: \(text(error.errnoCode))")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            TalkootError(.refused, "TLS failed: \(error)", remedy: "check that both sides are talkoot peers of the same major version")
        default: TalkootError(.unreachable, "the connection broke: \(error)")
        }
    }

    /// Why a peer cannot be dialled.
    static func dialing(_ endpoint: PeerEndpoint, _ error: any Error) -> TalkootError {
        let place = PeerEndpoint(host: endpoint.host, port: endpoint.port).description
        switch error {
        case let error as TalkootError: return error
        case let error as NIOConnectionError:
            if let cause = error.connectionErrors.first?.error { return dialing(endpoint, cause) }
            return TalkootError(.unreachable, "no host is known as \(endpoint.host)", remedy: "check the name")
        case is SocketAddressError:
            return TalkootError(.unreachable, "no host is known as \(endpoint.host)", remedy: "check the name")
        case is ChannelError: return timeout(endpoint)
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            return TalkootError(
                .unreachable, "nobody listens at \(place)", remedy: "check host and port, and that the peer is running")
        case let error as IOError:
            return TalkootError(.unreachable, "cannot reach \(place): \(text(error.errnoCode))", remedy: "check host, port and network")
        default: return duringConnection(error) ?? TalkootError(.unreachable, "cannot reach \(place)")
        }
    }

    /// Nobody answered in time.
    static func timeout(_ endpoint: PeerEndpoint) -> TalkootError {
        let place = PeerEndpoint(host: endpoint.host, port: endpoint.port).description
        return TalkootError(.unreachable, "no answer from \(place) in time", remedy: "check host, port and firewall")
    }

    /// Why a port cannot be had.
    static func listening(host: String, port: Int, _ error: any Error) -> TalkootError {
        let code = (error as? IOError)?.errnoCode
        switch code {
        case EADDRINUSE:
            return TalkootError(
                .cannotCreate, "port \(port) is in use", remedy: "stop the program that has it, or choose another with --port")
        case EACCES:
            return TalkootError(.cannotCreate, "port \(port) needs more rights", remedy: "choose one from 1024 on")
        case EADDRNOTAVAIL:
            return TalkootError(.cannotCreate, "\(host) is no address of this machine", remedy: "listen on 0.0.0.0 or one of its addresses")
        default:
            let reason = code.map(text) ?? "\(error)"
            return TalkootError(.cannotCreate, "cannot listen on \(host), port \(port): \(reason)", remedy: "check host and port")
        }
    }

    private static func text(_ code: CInt) -> String { String(cString: strerror(code)) }
}
