package health.vantage.models.keyless;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.AttestationInvalid;
import health.vantage.models.artifact.ArtifactException.KeyMissing;
import health.vantage.models.artifact.ArtifactException.NoSignature;
import health.vantage.models.artifact.ArtifactException.SignatureInvalid;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.artifact.verify.KeylessIdentity;
import health.vantage.models.artifact.verify.TrustPolicy;
import health.vantage.models.artifact.verify.Verified;
import health.vantage.models.keyless.PrivateSigstore.Login;
import health.vantage.models.keyless.PrivateSigstore.Signing;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Keyless verification, in the forms of cosign 2 and 3. Certificates, logs and timestamps come from a {@link
 * PrivateSigstore} of this process: the cryptography is real, and no public Fulcio or Rekor was contacted. For what the
 * public ones made see {@link PublicGoodTest}.
 */
class KeylessTest {
    private static final String PUBLISHER = "publisher@clinic.example";
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    /** Slow to make, and the same for all. */
    private static final PrivateSigstore SIGSTORE = new PrivateSigstore();

    @TempDir
    Path folder;

    private Repository repository;
    private Digest subject;
    private Digest other;
    private final Login publisher = SIGSTORE.login(PUBLISHER, NOW);

    @BeforeEach
    void push() {
        repository = new Repositories(RegistryOptions.defaults())
                .open(Reference.parse("oci:" + folder.resolve("retina-seg")));
        subject = manifest("one");
        other = manifest("another");
    }

    private Digest manifest(String content) {
        Descriptor config = blob(MediaTypes.OCI_CONFIG, "{}".getBytes(StandardCharsets.UTF_8));
        Descriptor layer = blob("text/plain", content.getBytes(StandardCharsets.UTF_8));
        byte[] manifest =
                Manifest.Artifact.of(null, config, List.of(layer), Map.of()).toBytes();
        return repository.putManifest(Digest.of(manifest).toString(), MediaTypes.OCI_MANIFEST, manifest);
    }

    private Descriptor blob(String type, byte[] content) {
        return PrivateSigstore.blob(repository, type, content);
    }

    private ObjectNode signature(Login by, Digest about, Signing how) {
        return SIGSTORE.bundle(by, PrivateSigstore.statement(about, PrivateSigstore.SIGN, Json.newObject()), how);
    }

    private void attach(ObjectNode bundle) {
        PrivateSigstore.attach(repository, subject, bundle);
    }

    private static TrustPolicy trusting(KeylessIdentity identity, AttestationType... types) {
        return new TrustPolicy(List.of(), Optional.of(identity), List.of(types), Optional.empty());
    }

    private static KeylessIdentity identity(String issuer, String who) {
        return KeylessIdentity.of(issuer, null, who, null, SIGSTORE.trustedRoot());
    }

    private Verified check(TrustPolicy policy) {
        return policy.open().check(repository, subject).orElseThrow().signed();
    }

    private Verified check() {
        return check(trusting(identity(PrivateSigstore.ISSUER, PUBLISHER)));
    }

    private void refusedBecause(String... said) {
        assertThatThrownBy(this::check).isInstanceOf(SignatureInvalid.class).hasMessageContainingAll(said);
    }

    @Test
    void aSignatureOfTheIdentityIsTaken() {
        assertThatThrownBy(this::check).isInstanceOf(NoSignature.class);
        attach(signature(publisher, subject, Signing.at(NOW.plusSeconds(5))));
        assertThat(check()).isEqualTo(new Verified(PUBLISHER + " of " + PrivateSigstore.ISSUER, Verified.COSIGN_V3));
    }

    @Test
    void anIdentityMayBeARegularExpressionThatFitsTheWhole() {
        attach(signature(publisher, subject, Signing.at(NOW)));
        String root = SIGSTORE.trustedRoot();
        check(trusting(KeylessIdentity.of(null, "https://.*\\.clinic\\.example", null, ".*@clinic\\.example", root)));
        assertThatThrownBy(() ->
                        check(trusting(KeylessIdentity.of(PrivateSigstore.ISSUER, null, null, "publisher", root))))
                .isInstanceOf(SignatureInvalid.class)
                .hasMessageContainingAll("made out to '" + PUBLISHER + "'", "/publisher/");
    }

    @Test
    void anotherSubjectOfTheSameIssuerIsNotTrusted() {
        attach(signature(SIGSTORE.login("intern@clinic.example", NOW), subject, Signing.at(NOW)));
        refusedBecause("made out to 'intern@clinic.example'", "subject '" + PUBLISHER + "'");
    }

    @Test
    void theSameNameFromAnotherIssuerIsNotTrusted() {
        Login elsewhere = SIGSTORE.login("https://login.evil.example", PUBLISHER, NOW, KeyPurposeId.id_kp_codeSigning);
        attach(signature(elsewhere, subject, Signing.at(NOW)));
        refusedBecause("of the issuer 'https://login.evil.example'");
    }

    @Test
    void aCertificateOfAnotherAuthorityIsNotTrusted() {
        var stranger = new PrivateSigstore();
        attach(stranger.bundle(
                stranger.login(PUBLISHER, NOW),
                PrivateSigstore.statement(subject, PrivateSigstore.SIGN, Json.newObject()),
                Signing.at(NOW)));
        refusedBecause("Fulcio certificate was not valid");
    }

    @Test
    void aCertificateForAnotherPurposeIsNotTrusted() {
        Login server = SIGSTORE.login(PrivateSigstore.ISSUER, PUBLISHER, NOW, KeyPurposeId.id_kp_serverAuth);
        attach(signature(server, subject, Signing.at(NOW)));
        refusedBecause("not for signing code");
    }

    @Test
    void whatWasSignedAfterTheCertificateEndedNeedsATimestampFromBefore() {
        Instant late = NOW.plus(Duration.ofHours(2));
        attach(signature(publisher, subject, Signing.at(late)));
        refusedBecause("took a signature in at " + late, "is for " + NOW);
        attach(signature(publisher, subject, new Signing(late, true, true)));
        assertThat(check().form()).isEqualTo(Verified.COSIGN_V3);
    }

    @Test
    void withNoTimeThatAnybodySignedNothingIsBelieved() {
        attach(signature(publisher, subject, new Signing(NOW, false, false)));
        refusedBecause("cannot be read", "No timestamp verification");
    }

    @Test
    void aTimestampOfAnAuthorityThatTheRootDoesNotNameDoesNotCount() {
        ObjectNode bundle = signature(publisher, subject, new Signing(NOW, true, true));
        ObjectNode foreign = new PrivateSigstore()
                .bundle(
                        publisher,
                        PrivateSigstore.statement(subject, PrivateSigstore.SIGN, Json.newObject()),
                        new Signing(NOW, true, true));
        ((ObjectNode) bundle.path("verificationMaterial"))
                .set(
                        "timestampVerificationData",
                        foreign.path("verificationMaterial").path("timestampVerificationData"));
        attach(bundle);
        refusedBecause("timestamp verification failed");
    }

    @Test
    void aSignatureForAnotherDigestDoesNotCount() {
        attach(signature(publisher, other, Signing.at(NOW)));
        refusedBecause("does not match any subject", other.hex());
    }

    private static Arguments change(String name, Consumer<ObjectNode> change, String said) {
        return Arguments.of(name, change, said);
    }

    private static ObjectNode material(ObjectNode bundle) {
        return (ObjectNode) bundle.path("verificationMaterial");
    }

    private static ObjectNode entry(ObjectNode bundle) {
        return (ObjectNode) material(bundle).path("tlogEntries").path(0);
    }

    private static void flip(ObjectNode at, String field) {
        byte[] bytes = Base64.getDecoder().decode(at.path(field).asText());
        bytes[bytes.length / 2] ^= 1;
        at.put(field, Base64.getEncoder().encodeToString(bytes));
    }

    static Stream<Arguments> tamperings() {
        return Stream.of(
                change(
                        "a bit of the payload",
                        bundle -> {
                            ObjectNode envelope = (ObjectNode) bundle.path("dsseEnvelope");
                            String payload = new String(
                                    Base64.getDecoder()
                                            .decode(envelope.path("payload").asText()),
                                    StandardCharsets.UTF_8);
                            envelope.put(
                                    "payload",
                                    Base64.getEncoder()
                                            .encodeToString(payload.replace("\"annotations\"", "\"annotationz\"")
                                                    .getBytes(StandardCharsets.UTF_8)));
                        },
                        "DSSE signature was not valid"),
                change(
                        "a bit of the signature",
                        bundle -> flip(
                                (ObjectNode) bundle.path("dsseEnvelope")
                                        .path("signatures")
                                        .path(0),
                                "sig"),
                        "signature"),
                change(
                        "a bit of the certificate",
                        bundle -> flip((ObjectNode) material(bundle).path("certificate"), "rawBytes"),
                        "a signature"),
                change("a bit of the log's entry", bundle -> flip(entry(bundle), "canonicalizedBody"), "a signature"),
                change(
                        "the log's time",
                        bundle -> entry(bundle).put("integratedTime", "1793534401"),
                        "Entry SET was not valid"),
                change(
                        "a bit of the log's promise",
                        bundle -> flip((ObjectNode) entry(bundle).path("inclusionPromise"), "signedEntryTimestamp"),
                        "SET"),
                change(
                        "the root of the log",
                        bundle -> flip((ObjectNode) entry(bundle).path("inclusionProof"), "rootHash"),
                        "Inclusion proof"),
                change("no log entry", bundle -> material(bundle).putArray("tlogEntries"), "tlog entries"),
                change(
                        "two log entries",
                        bundle -> material(bundle)
                                .withArray("tlogEntries")
                                .add(entry(bundle).deepCopy()),
                        "has 2 log entries"),
                change("no proof", bundle -> entry(bundle).remove("inclusionProof"), "inclusion proof"),
                change(
                        "a log nobody trusts",
                        bundle -> flip((ObjectNode) entry(bundle).path("logId"), "keyId"),
                        "transparency log"),
                change(
                        "a key in place of the certificate",
                        bundle -> {
                            material(bundle).remove("certificate");
                            material(bundle).putObject("publicKey").put("hint", "x");
                        },
                        "public keys are not supported"),
                change(
                        "a second envelope under another spelling",
                        bundle -> bundle.putObject("dsse_envelope")
                                .put("payload", "e30=")
                                .put("payloadType", "application/vnd.in-toto+json"),
                        "a signature"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tamperings")
    void aBundleThatWasTamperedWithDoesNotCountAndHidesNoGoodOne(
            String what, Consumer<ObjectNode> change, String said) {
        ObjectNode bundle = signature(publisher, subject, Signing.at(NOW));
        change.accept(bundle);
        attach(bundle);
        refusedBecause(said);
        attach(signature(publisher, subject, Signing.at(NOW.plusSeconds(1))));
        check();
    }

    @Test
    void anEntryOfTheLogThatIsAboutAnotherSignatureDoesNotCount() {
        ObjectNode bundle = signature(publisher, subject, Signing.at(NOW));
        material(bundle)
                .set(
                        "tlogEntries",
                        material(signature(publisher, other, Signing.at(NOW))).path("tlogEntries"));
        attach(bundle);
        refusedBecause("does not match DSSE payload digest in log entry");
    }

    @Test
    void attestationsAreDemandedOfTheSameIdentity() {
        attach(signature(publisher, subject, Signing.at(NOW)));
        var demanding = trusting(identity(PrivateSigstore.ISSUER, PUBLISHER), AttestationType.CYCLONEDX);
        // Letters outside ASCII: what is signed is counted in bytes.
        ObjectNode bom = Json.newObject().put("author", "J\u00fcrgen M\u00fcller");
        byte[] attested = PrivateSigstore.statement(subject, AttestationType.CYCLONEDX.predicateType(), bom);
        attach(SIGSTORE.bundle(SIGSTORE.login("intern@clinic.example", NOW), attested, Signing.at(NOW)));
        assertThatThrownBy(() -> check(demanding))
                .isInstanceOf(AttestationInvalid.class)
                .hasMessageContaining("intern@clinic.example");
        attach(SIGSTORE.bundle(publisher, attested, Signing.at(NOW)));
        check(demanding);
    }

    /** A signature under the tag {@code sha256-<hex>.sig}, with certificate and log entry in annotations. */
    private Map<String, String> signLikeCosign2(Login by, Digest about, Instant loggedAt) {
        byte[] payload = payload(about);
        byte[] signature = by.sign(payload);
        var annotations = new HashMap<String, String>();
        annotations.put(
                "dev.cosignproject.cosign/signature", Base64.getEncoder().encodeToString(signature));
        annotations.put("dev.sigstore.cosign/certificate", by.pem());
        annotations.put("dev.sigstore.cosign/bundle", SIGSTORE.promiseOf(by, payload, signature, loggedAt));
        return annotations;
    }

    private static byte[] payload(Digest about) {
        return ("{\"critical\":{\"image\":{\"docker-manifest-digest\":\"" + about
                        + "\"},\"type\":\"cosign container image signature\"}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private void putTag(Digest about, Map<String, String> annotations) {
        Descriptor layer = blob(MediaTypes.COSIGN_PAYLOAD, payload(about)).annotated(annotations);
        byte[] manifest = Manifest.Artifact.of(
                        null,
                        blob(MediaTypes.OCI_CONFIG, "{}".getBytes(StandardCharsets.UTF_8)),
                        List.of(layer),
                        Map.of())
                .toBytes();
        repository.putManifest("sha256-" + subject.hex() + ".sig", MediaTypes.OCI_MANIFEST, manifest);
    }

    @Test
    void aSignatureInTheFormOfCosign2IsTaken() {
        putTag(subject, signLikeCosign2(publisher, subject, NOW.plusSeconds(3)));
        assertThat(check()).isEqualTo(new Verified(PUBLISHER + " of " + PrivateSigstore.ISSUER, Verified.COSIGN_V2));
    }

    @Test
    void inTheFormOfCosign2TheSameIsRefused() {
        putTag(other, signLikeCosign2(publisher, other, NOW));
        refusedBecause("over " + other);
        putTag(subject, signLikeCosign2(publisher, other, NOW));
        refusedBecause("not by the key of its certificate");
        putTag(subject, signLikeCosign2(publisher, subject, NOW.plus(Duration.ofHours(1))));
        refusedBecause("its certificate is for " + NOW);
        putTag(subject, signLikeCosign2(SIGSTORE.login("intern@clinic.example", NOW), subject, NOW));
        refusedBecause("made out to 'intern@clinic.example'");
        putTag(subject, signLikeCosign2(new PrivateSigstore().login(PUBLISHER, NOW), subject, NOW));
        refusedBecause("a certificate does not hold");

        Map<String, String> mixed = signLikeCosign2(publisher, subject, NOW);
        mixed.put(
                "dev.sigstore.cosign/bundle",
                signLikeCosign2(publisher, other, NOW).get("dev.sigstore.cosign/bundle"));
        putTag(subject, mixed);
        refusedBecause("entry is about another signature");

        Map<String, String> later = signLikeCosign2(publisher, subject, NOW);
        later.computeIfPresent(
                "dev.sigstore.cosign/bundle",
                (_, text) -> text.replace(
                        "\"integratedTime\":" + NOW.getEpochSecond(),
                        "\"integratedTime\":" + (NOW.getEpochSecond() + 1)));
        putTag(subject, later);
        refusedBecause("did not sign its promise");

        Map<String, String> plain = signLikeCosign2(publisher, subject, NOW);
        plain.remove("dev.sigstore.cosign/certificate");
        putTag(subject, plain);
        refusedBecause("it may be by a key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{}", "{\"Payload\":{\"body\":\"***\",\"logID\":\"zz\"}}", "{\"Payload\":7}"})
    void aLogEntryThatIsJunkIsRefused(String junk) {
        Map<String, String> annotations = signLikeCosign2(publisher, subject, NOW);
        annotations.put("dev.sigstore.cosign/bundle", junk);
        putTag(subject, annotations);
        refusedBecause("a ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{}", "{\"mediaType\":\"application/odd\"}", "[]"})
    void aTrustedRootThatIsNoneIsToldBeforeAnythingIsPulled(String json) {
        var policy = trusting(KeylessIdentity.of("https://i", null, "s", null, json));
        assertThatThrownBy(policy::open).isInstanceOf(KeyMissing.class).hasMessageContaining("trusted root");
    }
}
