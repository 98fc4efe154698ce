package health.vantage.models.artifact.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.artifact.ArtifactException.NoSignature;
import health.vantage.models.artifact.ArtifactException.SignatureInvalid;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Keys;
import health.vantage.models.artifact.testing.Models;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignerTest {
    @TempDir
    Path folder;

    private Repository repository;
    private Digest subject;
    private final Signer signer = Signer.of(Keys.privatePem());
    private final SignatureVerifier verifier = SignatureVerifier.of(List.of(signer.publicKeyPem()));

    @BeforeEach
    void push() {
        repository = Models.layout(folder);
        subject = Models.push(repository, folder.resolve("work"), Models.metadata("1.0.0", "cpu", "cv3"), "1.0.0-cpu");
    }

    @Test
    void whatIsSignedInTheFormOfCosign2Verifies() {
        assertThatThrownBy(() -> verifier.verify(repository, subject)).isInstanceOf(NoSignature.class);
        signer.signV2(repository, subject);
        assertThat(verifier.verify(repository, subject)).isEqualTo(new Verified(signer.keyId(), Verified.COSIGN_V2));
    }

    @Test
    void whatIsSignedInTheFormOfCosign3Verifies() {
        signer.signV3(repository, subject);
        assertThat(verifier.verify(repository, subject)).isEqualTo(new Verified(signer.keyId(), Verified.COSIGN_V3));
    }

    @Test
    void aSecondSignerDoesNotReplaceTheFirst() {
        Signer second = Signer.of(Keys.privatePem());
        signer.signV2(repository, subject);
        second.signV2(repository, subject);
        assertThat(verifier.verify(repository, subject).signer()).isEqualTo(signer.keyId());
        assertThat(SignatureVerifier.of(List.of(second.publicKeyPem()))
                        .verify(repository, subject)
                        .signer())
                .isEqualTo(second.keyId());
    }

    @Test
    void aStrangersSignatureDoesNotCount() {
        Signer.of(Keys.privatePem()).signV3(repository, subject);
        assertThatThrownBy(() -> verifier.verify(repository, subject)).isInstanceOf(SignatureInvalid.class);
    }

    @Test
    void keysThatAreNoKeysAreRefusedWithASentence() {
        assertThatThrownBy(() -> Signer.of("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----"))
                .hasMessageContaining("encrypted");
        assertThatThrownBy(() -> Signer.of("x")).hasMessageContaining("not one PEM block");
        assertThatThrownBy(() -> SignatureVerifier.of(List.of(signer.publicKeyPem(), "x")))
                .hasMessageStartingWith("Public key 2 of 2: ");
        assertThatThrownBy(() -> SignatureVerifier.of(List.of())).hasMessageContaining("not 0");
        assertThatThrownBy(() -> SignatureVerifier.of(List.of(Keys.privatePem())))
                .hasMessageContaining("'PRIVATE KEY', not a 'PUBLIC KEY'");
    }
}
