package health.vantage.models.artifact.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.AttestationInvalid;
import health.vantage.models.artifact.ArtifactException.KeyMissing;
import health.vantage.models.artifact.ArtifactException.NoAttestation;
import health.vantage.models.artifact.ArtifactException.NoSignature;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Keys;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.verify.KeylessIdentity.Match;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustPolicyTest {
    private static final String CLEAN = "{\"SchemaVersion\":2,\"ArtifactName\":\"m\",\"Results\":[{\"Target\":\"m\"}]}";

    @TempDir
    Path folder;

    private Repository repository;
    private Digest subject;
    private final Signer signer = Signer.of(Keys.privatePem());

    @BeforeEach
    void push() {
        repository = Models.layout(folder);
        subject = Models.push(repository, folder.resolve("work"), Models.metadata("1.0.0", "cpu", "cv3"), "1.0.0-cpu");
    }

    private TrustPolicy policy(Severity most, AttestationType... types) {
        return new TrustPolicy(
                List.of(signer.publicKeyPem()), Optional.empty(), List.of(types), Optional.ofNullable(most));
    }

    private void check(TrustPolicy policy) {
        assertThat(policy.open().check(repository, subject))
                .hasValueSatisfying(
                        vouched -> assertThat(vouched.signed().signer()).isEqualTo(signer.keyId()));
    }

    private void scan(String finished, String result) {
        ObjectNode predicate = Json.newObject();
        predicate.putObject("scanner").set("result", Json.object(result.getBytes(StandardCharsets.UTF_8)));
        predicate.putObject("metadata").put("scanFinishedOn", finished);
        signer.attestV2(repository, subject, AttestationType.VULN.predicateType(), predicate);
    }

    private static String trivy(String severity) {
        return "{\"SchemaVersion\":2,\"ArtifactName\":\"m\",\"Results\":[{\"Target\":\"m\"},{\"Vulnerabilities\":"
                + "[{\"Severity\":\"LOW\"},{\"Severity\":\"" + severity + "\"}]}]}";
    }

    @Test
    void aPolicyOfNothingTakesWhatNobodySigned() {
        assertThat(TrustPolicy.NONE.open().check(repository, subject)).isEmpty();
    }

    @Test
    void aSignatureAloneIsNotEnoughWhereAnAttestationIsDemanded() {
        signer.signV2(repository, subject);
        TrustPolicy demanding = policy(null, AttestationType.CYCLONEDX);
        assertThatThrownBy(() -> check(demanding))
                .isInstanceOf(NoAttestation.class)
                .hasMessageContainingAll(subject.toString(), "cyclonedx", signer.keyId());
        signer.attestV3(
                repository,
                subject,
                AttestationType.CYCLONEDX.predicateType(),
                Json.newObject().put("a", "b"));
        check(demanding);
    }

    @Test
    void anAttestationAloneIsNotEnoughEither() {
        scan("2026-11-01T00:00:00Z", CLEAN);
        assertThatThrownBy(() -> check(policy(null, AttestationType.VULN))).isInstanceOf(NoSignature.class);
    }

    @ParameterizedTest
    @CsvSource({"HIGH,HIGH,true", "CRITICAL,HIGH,false", "UNKNOWN,LOW,true", "LOW,NONE,false", "MEDIUM,LOW,false"})
    void aScanMayHaveFindingsUpToTheLimit(String found, Severity most, boolean fine) {
        signer.signV2(repository, subject);
        scan("2026-11-01T00:00:00Z", trivy(found));
        if (fine) {
            check(policy(most, AttestationType.VULN));
        } else {
            assertThatThrownBy(() -> check(policy(most, AttestationType.VULN)))
                    .isInstanceOf(AttestationInvalid.class)
                    .hasMessageContainingAll(subject.toString(), "a finding of severity", "at most " + most);
        }
        check(policy(null, AttestationType.VULN));
    }

    @Test
    void aReportOfGrypeIsReadToo() {
        signer.signV2(repository, subject);
        scan("2026-11-01T00:00:00Z", "{\"matches\":[{\"vulnerability\":{\"severity\":\"Critical\"}}]}");
        assertThatThrownBy(() -> check(policy(Severity.HIGH, AttestationType.VULN)))
                .hasMessageContaining("severity CRITICAL");
        scan("2026-11-02T00:00:00Z", "{\"matches\":[{\"vulnerability\":{\"severity\":\"Negligible\"}}]}");
        check(policy(Severity.LOW, AttestationType.VULN));
    }

    @Test
    void theNewestScanCountsWhateverOrderTheyWereAttachedIn() {
        signer.signV2(repository, subject);
        scan("2026-11-02T12:00:00+01:00", trivy("CRITICAL"));
        scan("2026-11-02T10:00:00Z", CLEAN);
        scan("", CLEAN);
        assertThatThrownBy(() -> check(policy(Severity.HIGH, AttestationType.VULN)))
                .isInstanceOf(AttestationInvalid.class);
        scan("2026-11-03T00:00:00Z", CLEAN);
        check(policy(Severity.NONE, AttestationType.VULN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"runs\":[]}",
                "{\"Results\":[{\"Vulnerabilities\":[{\"Severity\":7}]}]}",
                "{\"matches\":[{}]}"
            })
    void aScanThatDoesNotSayHowSevereItsFindingsAreIsNotTakenForAGoodOne(String result) {
        signer.signV2(repository, subject);
        scan("2026-11-01T00:00:00Z", result);
        assertThatThrownBy(() -> check(policy(Severity.HIGH, AttestationType.VULN)))
                .isInstanceOf(AttestationInvalid.class)
                .hasMessageContaining("does not say how severe");
        check(policy(null, AttestationType.VULN));
    }

    @Test
    void aSignatureBehindMoreReferrersThanAreLookedAtDoesNotCount() {
        for (int i = 0; i < 256; i++) {
            Signer.of(Keys.privatePem()).signV3(repository, subject);
        }
        signer.signV3(repository, subject);
        assertThatThrownBy(() -> check(policy(null))).hasMessageContaining("not by a trusted key");
        signer.signV2(repository, subject);
        check(policy(null));
    }

    @Test
    void aPolicyThatCannotBeUsedSaysWhy() {
        assertThatThrownBy(() -> TrustPolicy.keys(List.of("x")).open())
                .isInstanceOf(KeyMissing.class)
                .hasMessageContaining("Public key 1 of 1: ");
        var keyless = Optional.of(
                new KeylessIdentity(Match.exact("https://issuer"), Match.pattern(".*@clinic"), Optional.empty()));
        var policy = new TrustPolicy(List.of(), keyless, List.of(), Optional.empty());
        assertThatThrownBy(policy::open)
                .isInstanceOf(KeyMissing.class)
                .hasMessageContaining("the keyless module is not installed");
        assertThatThrownBy(() ->
                        new TrustPolicy(List.of(), Optional.empty(), List.of(AttestationType.VULN), Optional.empty()))
                .hasMessageContaining("of nobody");
        assertThatThrownBy(() -> policy(Severity.LOW)).hasMessageContaining("no attestation of the type vuln");
        assertThatThrownBy(() -> new TrustPolicy(List.of(signer.publicKeyPem()), keyless, List.of(), Optional.empty()))
                .hasMessageContaining("not both");
    }

    @Test
    void aPatternMustFitTheWholeName() {
        Match match = Match.pattern("https://github\\.com/vantage/.*");
        assertThat(match.matches("https://github.com/vantage/models")).isTrue();
        assertThat(match.matches("https://evil.example/?https://github.com/vantage/models"))
                .isFalse();
        assertThatThrownBy(() -> Match.pattern("[")).hasMessageContaining("'[' is not a regular expression");
        assertThatThrownBy(() -> Match.exact(" ")).hasMessageContaining("1 to 2048 characters");
    }
}
