package health.vantage.models.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.ComputeTierStatus.Unmatched;
import health.vantage.models.api.ModelNode;
import health.vantage.models.api.ModelNodeSpec;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MembershipTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    private static final LabelSelector GPU =
            new LabelSelectorBuilder().addToMatchLabels("gpu", "rtx").build();

    @ParameterizedTest(name = "labelled {0}, GPU labels there: {1}, gone for {2} s -> {3}")
    @CsvSource({
        ",      true,  0,   joins",
        ",      false, 0,   nothing",
        "rtx,   true,  0,   stays",
        "rtx,   false, 0,   stays",
        "rtx,   false, 599, stays",
        "rtx,   false, 600, leaves",
        "dgx,   true,  0,   contested",
        "dgx,   false, 0,   nothing",
        "gone,  true,  0,   joins",
        "gone,  false, 0,   nothing",
    })
    void aNodeStaysWhereItIsUntilItsLabelsAreGoneForTenMinutes(
            String labelled, boolean matches, long goneFor, String what) {
        Node node = node("n", labelled, matches);
        var since = new Unmatched("n", NOW.minusSeconds(goneFor).toString());
        var membership = Membership.of(
                "rtx", Set.of("rtx", "dgx"), GPU, List.of(node), goneFor == 0 ? List.of() : List.of(since), NOW);
        assertThat(membership.join()).hasSize(what.equals("joins") ? 1 : 0);
        assertThat(membership.members()).hasSize(what.equals("stays") ? 1 : 0);
        assertThat(membership.leave()).hasSize(what.equals("leaves") ? 1 : 0);
        assertThat(membership.contested()).hasSize(what.equals("contested") ? 1 : 0);
    }

    @Test
    void thatLabelsAreGoneIsRememberedAndForgottenWhenTheyComeBack() {
        var gone = of(List.of(), node("n", "rtx", false));
        assertThat(gone.unmatched()).containsExactly(new Unmatched("n", NOW.toString()));
        var back = of(gone.unmatched(), node("n", "rtx", true));
        assertThat(back.unmatched()).isEmpty();
    }

    @Test
    void theListOfThoseWithoutLabelsIsBounded() {
        var many = IntStream.range(0, 100)
                .mapToObj(i -> node("n" + i, "rtx", false))
                .toArray(Node[]::new);
        assertThat(of(List.of(), many).unmatched()).hasSize(20);
    }

    @Test
    void anEmptySelectorIsNoTierOfEveryNode() {
        var membership = Membership.of(
                "rtx", Set.of("rtx"), new LabelSelector(), List.of(node("n", null, true)), List.of(), NOW);
        assertThat(membership.join()).isEmpty();
    }

    @ParameterizedTest(name = "{0} {1} {2} -> {3}")
    @CsvSource({
        "In,           a,  a|b, true",
        "In,           c,  a|b, false",
        "In,           ,   a|b, false",
        "NotIn,        a,  a|b, false",
        "NotIn,        ,   a|b, true",
        "Exists,       x,  ,    true",
        "Exists,       ,   ,    false",
        "DoesNotExist, ,   ,    true",
        "DoesNotExist, x,  ,    false",
        "Gt,           9,  1,   false",
    })
    void expressionsMeanWhatTheyMeanInKubernetes(String operator, String value, String values, boolean matches) {
        var selector = new LabelSelectorBuilder()
                .addNewMatchExpression()
                .withKey("gpu")
                .withOperator(operator)
                .withValues(values == null ? List.of() : List.of(values.split("\\|")))
                .endMatchExpression()
                .build();
        assertThat(Membership.matches(selector, value == null ? Map.of() : Map.of("gpu", value)))
                .isEqualTo(matches);
    }

    @Test
    void aModelNodeWhoseNodeCarriesNoLabelAnyMoreIsAStray() {
        Node unlabelled = node("unlabelled", null, false);
        Node joining = node("joining", null, true);
        Node member = node("member", "rtx", true);
        Node elsewhere = node("elsewhere", "dgx", false);
        List<Node> all = List.of(unlabelled, joining, member, elsewhere);
        var membership = Membership.of("rtx", Set.of("rtx", "dgx"), GPU, all, List.of(), NOW);
        List<ModelNode> modelNodes = all.stream()
                .map(node -> modelNode(node.getMetadata().getName()))
                .toList();
        assertThat(membership.strays("rtx", all, modelNodes)).containsExactly(unlabelled);
        assertThat(membership.strays("dgx", all, modelNodes)).isEmpty();
    }

    private static Membership of(List<Unmatched> before, Node... nodes) {
        return Membership.of("rtx", Set.of("rtx", "dgx"), GPU, List.of(nodes), before, NOW);
    }

    private static ModelNode modelNode(String name) {
        var modelNode = new ModelNode();
        modelNode.getMetadata().setName(name);
        modelNode.setSpec(new ModelNodeSpec("rtx", null));
        return modelNode;
    }

    private static Node node(String name, String tier, boolean matches) {
        var labels = new HashMap<String, String>();
        if (tier != null) {
            labels.put(ApiGroup.TIER_LABEL, tier);
        }
        if (matches) {
            labels.put("gpu", "rtx");
        }
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .build();
    }
}
