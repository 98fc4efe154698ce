package health.vantage.models.artifact.verify;

import com.fasterxml.jackson.databind.JsonNode;
import health.vantage.models.artifact.Digest;
import java.util.Map;

/** Those who may vouch for models: the holders of keys, or an identity that certificates are made out to. */
interface Signatories {
    /** Who signed a payload of cosign 2. @param annotations of its layer: certificates are there */
    Signatory ofPayload(byte[] payload, byte[] signature, Map<String, String> annotations);

    /**
     * Who signed the envelope in a Sigstore bundle.
     *
     * @param bundle the whole of it
     * @throws IllegalArgumentException if something in it is not base64
     */
    Signatory ofBundle(byte[] bundle, JsonNode envelope, Digest subject);

    /** Who signed an envelope that stands alone, as cosign 2 leaves attestations. */
    Signatory ofEnvelope(JsonNode envelope);

    /** For a sentence: "the trusted keys 0123456789abcdef". */
    String described();

    /** What to do where somebody else signed; a sentence without its full stop. */
    String advice();

    /** How one of them would sign, less the artifact. */
    String command();
}
