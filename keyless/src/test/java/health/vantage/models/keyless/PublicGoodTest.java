package health.vantage.models.keyless;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sigstore.KeylessVerifier;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.verify.KeylessIdentity;
import health.vantage.models.artifact.verify.Signatory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the public Fulcio and Rekor really made: the signature that sigstore-java's own release workflow left beside its jar
 * on Maven Central. The certificate, the log's entry and its promise are those of the bundle there, laid out as cosign 2
 * would; checked against the trusted root that this module carries.
 */
class PublicGoodTest {
    private static final String ISSUER = "https://token.actions.githubusercontent.com";
    private static final String WORKFLOW = "https://github\\.com/sigstore/sigstore-java/\\.github/workflows/.*";

    private byte[] jar;
    private byte[] signature;
    private Map<String, String> annotations;

    @BeforeEach
    void read() throws Exception {
        Path path = Path.of(KeylessVerifier.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        jar = Files.readAllBytes(path);
        ObjectNode bundle = bundle();
        JsonNode entry = bundle.at("/verificationMaterial/tlogEntries/0");
        signature = Base64.getDecoder()
                .decode(bundle.at("/messageSignature/signature").asText());
        ObjectNode promise = Json.newObject();
        promise.put(
                "SignedEntryTimestamp",
                entry.at("/inclusionPromise/signedEntryTimestamp").asText());
        promise.putObject("Payload")
                .put("body", entry.path("canonicalizedBody").asText())
                .put("integratedTime", entry.path("integratedTime").asLong())
                .put("logIndex", entry.path("logIndex").asLong())
                .put(
                        "logID",
                        HexFormat.of()
                                .formatHex(Base64.getDecoder()
                                        .decode(entry.at("/logId/keyId").asText())));
        String certificate =
                bundle.at("/verificationMaterial/certificate/rawBytes").asText();
        annotations = Map.of(
                "dev.sigstore.cosign/certificate",
                "-----BEGIN CERTIFICATE-----\n" + certificate + "\n-----END CERTIFICATE-----\n",
                "dev.sigstore.cosign/bundle",
                Json.text(promise));
    }

    private static ObjectNode bundle() throws IOException {
        try (var in = PublicGoodTest.class.getResourceAsStream("/sigstore/sigstore-java-2.0.0.jar.sigstore.json")) {
            return Json.object(in.readAllBytes());
        }
    }

    private static Signatory check(byte[] payload, byte[] signature, Map<String, String> annotations, String workflow) {
        return new SigstoreModule()
                .open(KeylessIdentity.of(ISSUER, null, null, workflow, null))
                .ofPayload(payload, signature, annotations);
    }

    @Test
    void aReleaseOfSigstoreJavaIsByItsWorkflow() {
        assertThat(check(jar, signature, annotations, WORKFLOW))
                .isInstanceOfSatisfying(Signatory.Known.class, known -> assertThat(known.name())
                        .startsWith("https://github.com/sigstore/sigstore-java/.github/workflows/")
                        .endsWith(" of " + ISSUER));
    }

    @Test
    void anotherWorkflowDidNotSignIt() {
        assertThat(check(jar, signature, annotations, "https://github\\.com/evil/.*"))
                .isInstanceOfSatisfying(Signatory.Stranger.class, stranger -> assertThat(stranger.why())
                        .contains("made out to"));
    }

    @Test
    void oneChangedByteIsFound() {
        jar[jar.length / 2] ^= 1;
        assertThat(check(jar, signature, annotations, WORKFLOW))
                .isEqualTo(new Signatory.Stranger("a signature is not by the key of its certificate"));
    }
}
