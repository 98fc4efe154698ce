package health.vantage.models.operator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelDeploymentStatus.QuarantinedDigest;
import health.vantage.models.api.ModelDeploymentStatus.RevisionRef;
import health.vantage.models.api.ModelRevisionSpec;
import health.vantage.models.api.ModelRevisionSpec.TierArtifact;
import health.vantage.models.api.RolloutStatus;
import health.vantage.models.api.RolloutStatus.Phase;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TriggerTest {
    private static RolloutStatus at(Phase phase, Long generation) {
        return new RolloutStatus(
                4L, phase, "rev-a", "1", null, generation, null, null, null, 1, 0, 0, 0, 0, null, null);
    }

    @ParameterizedTest(name = "{0}, desired {1}, generation {2}, retry {3}: due {4}")
    @CsvSource({
        "Idle,       rev-a, 7, false, true",
        "Confirmed,  rev-a, 7, false, false",
        "Confirmed,  rev-a, 8, false, false",
        "Confirmed,  rev-a, 7, true,  false",
        "Confirmed,  rev-b, 7, false, true",
        "RolledBack, rev-a, 7, false, false",
        "RolledBack, rev-a, 7, true,  true",
        "RolledBack, rev-a, 8, false, true",
        "RolledBack, rev-b, 7, false, true",
        "Staging,    rev-b, 8, true,  false",
        "Canary,     rev-b, 8, true,  false",
        "Committing, rev-b, 8, true,  false",
        "Soaking,    rev-b, 8, true,  false",
        "Aborting,   rev-b, 8, true,  false",
    })
    void afterARollbackTheSameRevisionIsNotTriedAgainByItself(
            Phase phase, String desired, long generation, boolean retry, boolean due) {
        assertThat(Trigger.due(at(phase, 7L), new RevisionRef(desired, "1"), generation, retry))
                .isEqualTo(due);
    }

    @Test
    void generationsAreComparedByValue() {
        assertThat(Trigger.due(at(Phase.RolledBack, 100_000L), new RevisionRef("rev-a", "1"), 100_000, false))
                .isFalse();
    }

    @Test
    void aRollbackOfUnknownGenerationIsTriedAgain() {
        assertThat(Trigger.due(at(Phase.RolledBack, null), new RevisionRef("rev-a", "1"), 7, false))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"Confirmed, rev-a, true", "Confirmed, rev-b, false", "RolledBack, rev-a, false", "Soaking, rev-a, false"
    })
    void satisfiedMeansTheDesiredRevisionIsConfirmed(Phase phase, String desired, boolean satisfied) {
        assertThat(Trigger.satisfied(at(phase, 7L), new RevisionRef(desired, "1")))
                .isEqualTo(satisfied);
    }

    @Test
    void oneQuarantinedDigestOfARevisionIsEnough() {
        var known = List.of(new QuarantinedDigest("sha256:bad", "2", "PreflightFailed", "why", null));
        assertThat(Trigger.quarantined(known, revision("sha256:fine", "sha256:bad")))
                .hasValueSatisfying(q -> assertThat(q.digest()).isEqualTo("sha256:bad"));
        assertThat(Trigger.quarantined(known, revision("sha256:fine"))).isEmpty();
    }

    private static ModelRevisionSpec revision(String... digests) {
        List<TierArtifact> artifacts = java.util.Arrays.stream(digests)
                .map(d -> new TierArtifact("rtx", "rtx", d, null, null, 1L, null, null, null))
                .toList();
        return new ModelRevisionSpec("d", "m", "2", "r", null, null, null, artifacts);
    }
}
