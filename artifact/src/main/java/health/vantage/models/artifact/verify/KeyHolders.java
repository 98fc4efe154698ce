package health.vantage.models.artifact.verify;

import com.fasterxml.jackson.databind.JsonNode;
import health.vantage.models.artifact.Digest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Whoever holds one of these keys; several while a key is being rotated. */
record KeyHolders(List<TrustedKey> keys) implements Signatories {
    private static final int MOST_SIGNATURES = 16;

    @Override
    public Signatory ofPayload(byte[] payload, byte[] signature, Map<String, String> annotations) {
        return keys.stream()
                .filter(key -> key.verifies(payload, signature))
                .findFirst()
                .<Signatory>map(key -> new Signatory.Known(key.keyId()))
                .orElseGet(() -> new Signatory.Stranger("a signature is not by a trusted key"));
    }

    @Override
    public Signatory ofBundle(byte[] bundle, JsonNode envelope, Digest subject) {
        return of(envelope, "a signature is not by a trusted key");
    }

    @Override
    public Signatory ofEnvelope(JsonNode envelope) {
        return of(envelope, "an attestation is not by a trusted key");
    }

    private Signatory of(JsonNode envelope, String otherwise) {
        byte[] payload = Base64.getDecoder().decode(envelope.path("payload").asText(""));
        byte[] message = Dsse.encode(envelope.path("payloadType").asText(""), payload);
        JsonNode signatures = envelope.path("signatures");
        for (int i = 0; i < Math.min(signatures.size(), MOST_SIGNATURES); i++) {
            byte[] signature =
                    Base64.getDecoder().decode(signatures.path(i).path("sig").asText(""));
            for (TrustedKey key : keys) {
                if (key.verifies(message, signature)) {
                    return new Signatory.Known(key.keyId());
                }
            }
        }
        return new Signatory.Stranger(otherwise);
    }

    @Override
    public String described() {
        return "the trusted keys " + keys.stream().map(TrustedKey::keyId).collect(Collectors.joining(", "));
    }

    @Override
    public String advice() {
        return "Sign it with one of these keys, or trust the key that signed it";
    }

    @Override
    public String command() {
        return "cosign sign --key ...";
    }
}
