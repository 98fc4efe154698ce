package health.vantage.models.operator.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.operator.plan.NodeFacts;
import org.junit.jupiter.api.Test;

class ObservedTest {
    @Test
    void aNodeIsReachableWhileItAndItsRunnerAreReady() {
        assertThat(Scene.with("").node("n1").observed().facts()).singleElement().matches(NodeFacts::reachable);
    }

    /** What the runner said before it died is old: soak must not be passed on it. */
    @Test
    void aRunnerThatIsDownMakesItsNodeUnreachable() {
        assertThat(Scene.with("").node("n1").runnerDown("n1").observed().facts())
                .singleElement()
                .matches(facts -> !facts.reachable());
    }
}
