package health.vantage.models.operator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.plan.ANode;
import health.vantage.models.operator.plan.Said;
import health.vantage.models.operator.plan.Told;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultTest {
    private static Member member(String name, String digest, Said said) {
        return Member.of(
                        ANode.named(name)
                                .told(Told.to(Step.Stage).target(digest, 4_000))
                                .said(said)
                                .facts(),
                        Told.MODEL,
                        Told.UID,
                        2)
                .orElseThrow();
    }

    private static Fault of(int among, Said... said) {
        List<Member> failed = Arrays.stream(said)
                .map(s -> member("n" + Arrays.asList(said).indexOf(s), Told.NEW, s))
                .toList();
        return Fault.ofNodes(Reason.StageFailed, failed, among);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "IntegrityMismatch",
                "PreflightFailed",
                "CrashedOnLoad",
                "SignatureInvalid",
                "NoSignature",
                "NoAttestation",
                "AttestationInvalid",
                "InvalidMetadata",
                "UnsupportedArtifact",
                "InsecureArchive"
            })
    void oneNodeProvesAnArtifactBad(String reason) {
        assertThat(of(20, Said.failed(reason, "as it says")).quarantine()).containsExactly(Told.NEW);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DiskFull",
                "RegistryUnavailable",
                "RegistryDenied",
                "KeyMissing",
                "StageTimeout",
                "NodeUnreachable"
            })
    void theSurroundingsAreNotTheArtifactsFaultHoweverManyNodesSuffer(String reason) {
        assertThat(of(2, Said.failed(reason, "a"), Said.failed(reason, "b")).quarantine())
                .isEmpty();
    }

    @Test
    void whatFailsOnSeveralNodesIsTheArtifactsFault() {
        assertThat(of(20, Said.failed("BackendLost", "a"), Said.failed("BackendLost", "b"))
                        .quarantine())
                .containsExactly(Told.NEW);
    }

    @Test
    void whatFailsOnOneNodeIsTheNodesFault() {
        Fault fault = of(20, Said.failed("BackendLost", "the GPU fell off the bus"));
        assertThat(fault.quarantine()).isEmpty();
        assertThat(fault.reason())
                .as("a reason this operator does not know becomes the phase's")
                .isEqualTo(Reason.StageFailed);
        assertThat(fault.nodes().getFirst().reason()).isEqualTo("BackendLost");
    }

    @Test
    void eachTiersOwnDigestIsBlamed() {
        Fault fault = Fault.ofNodes(
                Reason.StageFailed,
                List.of(
                        member("j1", "sha256:for-jetson", Said.failed("PreflightFailed", "a")),
                        member("r1", "sha256:for-rtx", Said.failed("DiskFull", "b")),
                        member("r2", "sha256:for-dgx", Said.failed("Unheard", "c"))),
                3);
        assertThat(fault.quarantine()).containsExactlyInAnyOrder("sha256:for-jetson", "sha256:for-dgx");
        assertThat(fault.message()).isEqualTo("node j1: a (and 2 more nodes)");
    }

    @Test
    void aNodeThatWentBackWithoutAWordIsShownWithThePhasesReason() {
        Fault fault = Fault.ofNodes(
                Reason.SoakFailed,
                List.of(member("n1", Told.NEW, Said.is(State.Reverted).saying(" "))),
                20);
        assertThat(fault.nodes().getFirst().reason()).isEqualTo("SoakFailed");
        assertThat(fault.message()).isEqualTo("node n1: gave no reason");
    }
}
