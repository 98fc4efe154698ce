package health.vantage.models.runner.node;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.Verification;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.artifact.verify.Signer;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.samples.SigningKey;
import health.vantage.models.runner.store.Policies;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node demands of an artifact before it stages it: signatures and attestations, also offline. */
final class NodeTrustTest {
    private static final long[] FOUR = {4};

    @TempDir
    Path folder;

    private NodeUnderTest node;
    private Digest one;
    private Digest two;

    @BeforeEach
    void start() throws Exception {
        node = new NodeUnderTest(folder);
        one = node.repository().push("1.0.0", OnnxModels.scale(1, 4), FOUR, FOUR);
        two = node.repository().push("2.0.0", OnnxModels.scale(2, 4), FOUR, FOUR);
    }

    @AfterEach
    void stop() throws Exception {
        node.end();
    }

    @Test
    void aVersionWithoutASignatureIsNotStagedWhereKeysAreGiven() throws Exception {
        Signer signer = Signer.of(SigningKey.pem());

        node.stage(one, 1, Verification.keys(List.of(signer.publicKeyPem())));

        assertThat(node.awaitState(State.Failed).reason()).isEqualTo("NoSignature");
        assertThat(node.answer()).isEqualTo("UNAVAILABLE");
    }

    @Test
    void aSignatureOfAStrangerIsRefusedAndOneOfTheKeyIsTaken() throws Exception {
        Signer owner = Signer.of(SigningKey.pem());
        Signer.of(SigningKey.pem()).signV3(node.repository().repository(), one);
        node.stage(one, 1, Verification.keys(List.of(owner.publicKeyPem())));
        assertThat(node.awaitState(State.Failed).reason()).isEqualTo("SignatureInvalid");

        owner.signV3(node.repository().repository(), one);
        node.stage(one, 2, Verification.keys(List.of(owner.publicKeyPem())));

        node.awaitState(State.Staged);
    }

    @Test
    void whileKeysAreRotatedEitherIsEnoughAndAfterwardsTheOldOneIsNot() throws Exception {
        Signer before = Signer.of(SigningKey.pem());
        Signer after = Signer.of(SigningKey.pem());
        before.signV2(node.repository().repository(), one);
        node.stage(one, 1, Verification.keys(List.of(before.publicKeyPem(), after.publicKeyPem())));
        node.awaitState(State.Staged);

        before.signV2(node.repository().repository(), two);
        node.stage(two, 2, Verification.keys(List.of(after.publicKeyPem())));

        assertThat(node.awaitState(State.Failed).reason()).isEqualTo("SignatureInvalid");
    }

    @Test
    void whatIsSignedButNotAttestedIsNotStagedUntilItIsAndThenVerifiesOffline() throws Exception {
        Signer owner = Signer.of(SigningKey.pem());
        owner.signV2(node.repository().repository(), one);
        Verification demanding = new Verification(List.of(owner.publicKeyPem()), null, List.of("cyclonedx"), null);
        node.stage(one, 1, demanding);
        assertThat(node.awaitState(State.Failed).reason()).isEqualTo("NoAttestation");
        assertThat(node.answer()).isEqualTo("UNAVAILABLE");

        owner.attestV2(
                node.repository().repository(),
                one,
                AttestationType.CYCLONEDX.predicateType(),
                Json.newObject().put("bomFormat", "CycloneDX"));
        node.stage(one, 2, demanding);
        node.awaitState(State.Staged);

        // What was attested after the pull is beside the model now: no registry is needed to see it again.
        try (NodeCache cache = node.openCache()) {
            Repository evidence = cache.find(one).orElseThrow().evidence();
            assertThat(Policies.of(demanding).open().check(evidence, one)).isPresent();
        }
    }

    @Test
    void aDemandThatThisRunnerDoesNotKnowIsRefusedAndNotTakenForNone() throws Exception {
        node.stage(
                one,
                1,
                new Verification(List.of(Signer.of(SigningKey.pem()).publicKeyPem()), null, List.of("newer"), null));

        assertThat(node.awaitState(State.Failed).reason()).isEqualTo("KeyMissing");
        assertThat(node.awaitState(State.Failed).message()).contains("no attestation type 'newer'");
    }
}
