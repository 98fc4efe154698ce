package health.vantage.models.keyless;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sigstore.encryption.certificates.Certificates;
import dev.sigstore.encryption.signers.Verifiers;
import dev.sigstore.rekor.client.HashedRekordRequest;
import dev.sigstore.rekor.client.ImmutableRekorEntry;
import dev.sigstore.rekor.client.ImmutableVerification;
import dev.sigstore.rekor.client.RekorEntry;
import dev.sigstore.trustroot.TransparencyLog;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * What cosign 2 keeps of the log beside a signature: the entry, and the log's signed promise to take it in. There is no
 * proof that it did, so sigstore-java, which wants one, does not read it. Source: sigstore/cosign specs/SIGNATURE_SPEC.md.
 */
record LogPromise(RekorEntry entry) {
    static LogPromise parse(String annotation) throws Rejection {
        ObjectNode root;
        try {
            root = Json.object(annotation.getBytes(StandardCharsets.UTF_8));
        } catch (Json.NotJson e) {
            throw new Rejection("a log entry is " + e.getMessage());
        }
        JsonNode payload = root.path("Payload");
        return new LogPromise(ImmutableRekorEntry.builder()
                .body(payload.path("body").asText(""))
                .integratedTime(payload.path("integratedTime").asLong())
                .logIndex(payload.path("logIndex").asLong())
                .logID(payload.path("logID").asText(""))
                .verification(ImmutableVerification.builder()
                        .signedEntryTimestamp(root.path("SignedEntryTimestamp").asText(""))
                        .build())
                .build());
    }

    /** @throws Rejection unless a trusted log promised this entry, while its key was in use */
    void mustBeOf(List<TransparencyLog> logs) throws Rejection, GeneralSecurityException {
        TransparencyLog log = logOf(entry, logs);
        byte[] promise = Base64.getDecoder().decode(entry.getVerification().getSignedEntryTimestamp());
        if (!Verifiers.newVerifier(log.getPublicKey().toJavaPublicKey()).verify(entry.getSignableContent(), promise)) {
            throw new Rejection("the log did not sign its promise about a signature");
        }
    }

    /** The log that says it took the entry in; its key must have been in use then. */
    static TransparencyLog logOf(RekorEntry entry, List<TransparencyLog> logs) throws Rejection {
        byte[] id = HexFormat.of().parseHex(entry.getLogID());
        return TransparencyLog.find(logs, id, entry.getIntegratedTimeInstant())
                .orElseThrow(() -> new Rejection(
                        "a signature is in no log that was trusted at " + entry.getIntegratedTimeInstant()));
    }

    /** @throws Rejection unless the entry is about this very signature */
    void mustBeAbout(byte[] payload, byte[] signature, X509Certificate leaf) throws Rejection {
        try {
            byte[] digest = Digest.sha256().digest(payload);
            String expected = HashedRekordRequest.newHashedRekordRequest(
                            digest, Certificates.toPemBytes(leaf), signature)
                    .toJsonPayload();
            String body = new String(Base64.getDecoder().decode(entry.getBody()), StandardCharsets.UTF_8);
            if (!expected.equals(body)) {
                throw new Rejection("the log's entry is about another signature");
            }
        } catch (IOException e) {
            throw new Rejection("a certificate cannot be written as PEM", e);
        }
    }
}
