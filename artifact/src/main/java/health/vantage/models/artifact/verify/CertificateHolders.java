package health.vantage.models.artifact.verify;

import com.fasterxml.jackson.databind.JsonNode;
import health.vantage.models.artifact.Digest;
import java.util.Base64;
import java.util.Map;
import java.util.ServiceLoader;

/** Whoever can get a certificate for an identity: keyless signing. */
record CertificateHolders(KeylessIdentity identity, CertificateCheck check) implements Signatories {

    static CertificateHolders of(KeylessIdentity identity) {
        KeylessModule module = ServiceLoader.load(KeylessModule.class, KeylessModule.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the keyless module is not installed: add"
                        + " vantage-keyless and what it needs to the class path, or verify with public keys"));
        return new CertificateHolders(identity, module.open(identity));
    }

    @Override
    public Signatory ofPayload(byte[] payload, byte[] signature, Map<String, String> annotations) {
        return check.ofPayload(payload, signature, annotations);
    }

    @Override
    public Signatory ofBundle(byte[] bundle, JsonNode envelope, Digest subject) {
        byte[] payload = Base64.getDecoder().decode(envelope.path("payload").asText(""));
        return check.ofBundle(bundle, payload, subject);
    }

    @Override
    public Signatory ofEnvelope(JsonNode envelope) {
        return new Signatory.Stranger(
                "an attestation stands under the tag of cosign 2, without a certificate in a bundle; attest with"
                        + " 'cosign attest --new-bundle-format'");
    }

    @Override
    public String described() {
        return identity.toString();
    }

    @Override
    public String advice() {
        return "Sign it as this identity, or trust the one that signed it";
    }

    @Override
    public String command() {
        return "cosign sign";
    }
}
