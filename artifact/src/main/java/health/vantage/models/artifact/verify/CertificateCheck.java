package health.vantage.models.artifact.verify;

import health.vantage.models.artifact.Digest;
import java.util.Map;

/** Says whether a signature was made with a certificate that is to be believed. Throws nothing for what strangers wrote. */
public interface CertificateCheck {
    /**
     * @param bundle a Sigstore bundle with a DSSE envelope about {@code subject}
     * @param payload of that envelope, as the caller read it: what is checked here must be what is used there
     */
    Signatory ofBundle(byte[] bundle, byte[] payload, Digest subject);

    /** A payload of cosign 2. @param annotations of its layer, with certificate, chain and log entry */
    Signatory ofPayload(byte[] payload, byte[] signature, Map<String, String> annotations);
}
