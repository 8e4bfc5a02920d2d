import Crypto
public import TalkootCore

extension PeerIdentity {
    /// The key that others check this peer's signatures with: SubjectPublicKeyInfo, DER.
    public var publicKey: [UInt8] { (try? signingKey().publicKey.derRepresentation).map { Array($0) } ?? [] }

    /// Signs a receipt as its issuer; takes a tenth of a millisecond.
    ///
    /// - Throws: ``TalkootError`` with code `internal` when the key cannot sign.
    public func sign(_ receipt: Receipt) throws(TalkootError) -> Receipt {
        var signed = receipt
        do {
            signed.signature = Array(try signingKey().signature(for: receipt.statement).rawRepresentation)
        } catch {
            throw TalkootError(.internalError, "cannot sign a receipt: \(error)")
        }
        return signed
    }
}

extension Receipt {
    /// Whether the key is the issuer's and signed this.
    public var isSigned: Bool {
        guard PeerID(publicKey: key) == issuer, let key = try? P256.Signing.PublicKey(derRepresentation: key),
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
        else { return false }
        return key.isValidSignature(signature, for: statement)
    }

    /// What the next receipt of the chain refers to: the SHA-256 of statement and signature.
    public var digest: TalkootCore.Digest {
        guard let digest = TalkootCore.Digest(bytes: Array(SHA256.hash(data: statement + signature))) else {
            preconditionFailure("SHA-256 has 32 bytes")
        }
        return digest
    }
}
