package health.vantage.models.operator.deployment;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.ModelDeploymentStatus.RevisionRef;
import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelNode;
import health.vantage.models.api.ModelNodeSpec;
import health.vantage.models.api.ModelNodeStatus;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.api.ModelRevisionSpec;
import health.vantage.models.api.ModelRevisionSpec.TierArtifact;
import health.vantage.models.api.RolloutStatus;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.report.StatusDraft;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** A cluster as the operator's caches show it: deployment {@code imaging/retina-seg} on tier {@code rtx} of 48 GiB nodes. */
final class Scene {
    static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    static final String UID = "uid-retina-seg";

    final ModelDeployment deployment;
    private final List<ComputeTier> tiers = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final List<ModelNode> modelNodes = new ArrayList<>();
    private final List<ModelRevision> revisions = new ArrayList<>();
    private final List<ModelDeployment> others = new ArrayList<>();
    private final Set<String> withoutRunner = new HashSet<>();

    private Scene(String specYaml) {
        deployment = deployment("retina-seg", UID, specYaml);
    }

    /** @param specYaml lines of the spec in flow style, besides model and tiers */
    static Scene with(String specYaml) {
        return new Scene("model: {repository: r.example/m, capabilities: [cv3]}, tiers: [rtx]"
                        + (specYaml.isEmpty() ? "" : ", " + specYaml))
                .tier("rtx");
    }

    static Scene of(String specYaml) {
        return new Scene(specYaml);
    }

    static ModelDeployment deployment(String name, String uid, String specYaml) {
        return Serialization.unmarshal("""
                apiVersion: models.vantage.health/v1alpha1
                kind: ModelDeployment
                metadata: {name: %s, namespace: imaging, uid: %s, generation: 3, creationTimestamp: "2026-01-01T00:00:00Z"}
                spec: {%s}
                """.formatted(name, uid, specYaml), ModelDeployment.class);
    }

    Scene annotated(String name, String value) {
        deployment.getMetadata().setAnnotations(Map.of(name, value));
        return this;
    }

    Scene tier(String name) {
        tiers.add(Serialization.unmarshal("""
                apiVersion: models.vantage.health/v1alpha1
                kind: ComputeTier
                metadata: {name: %s}
                spec:
                  nodeSelector: {matchLabels: {tier: %s}}
                  variant: %s
                  memory: {fallbackMiB: 49152}
                  runner: {image: r.example/runner:1}
                """.formatted(name, name, name), ComputeTier.class));
        return this;
    }

    Scene node(String name, String tier, ModelInstruction told, ModelState said) {
        nodes.add(new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build());
        var modelNode = new ModelNode();
        modelNode.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withUid("uid-of-" + name)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .build());
        modelNode.setSpec(new ModelNodeSpec(tier, told == null ? List.of() : List.of(told)));
        modelNode.setStatus(
                new ModelNodeStatus(null, null, null, said == null ? List.of() : List.of(said), null, null));
        modelNodes.add(modelNode);
        return this;
    }

    Scene node(String name) {
        return node(name, "rtx", null, null);
    }

    Scene revision(String name, String version, String digest, String... ofTiers) {
        revisions.add(revisionOf(name, version, digest, 4_000, ofTiers));
        return this;
    }

    static ModelRevision revisionOf(String name, String version, String digest, long vramMiB, String... ofTiers) {
        var revision = new ModelRevision();
        revision.setMetadata(
                new ObjectMetaBuilder().withName(name).withNamespace("imaging").build());
        List<TierArtifact> artifacts = Stream.of(ofTiers.length == 0 ? new String[] {"rtx"} : ofTiers)
                .map(tier -> new TierArtifact(
                        tier, tier, digest, null, 1L, vramMiB, 10.0, null, JsonNodeFactory.instance.objectNode()))
                .toList();
        revision.setSpec(
                new ModelRevisionSpec("retina-seg", "retina-seg", version, "r.example/m", null, null, null, artifacts));
        return revision;
    }

    Scene other(ModelDeployment another) {
        others.add(another);
        return this;
    }

    Observed observed() {
        var all = new ArrayList<>(others);
        all.add(deployment);
        return Observed.of(
                deployment,
                tiers.stream(),
                nodes.stream(),
                nodes.stream()
                        .map(node -> node.getMetadata().getName())
                        .filter(node -> !withoutRunner.contains(node))
                        .map(Scene::readyRunner),
                modelNodes.stream(),
                revisions.stream(),
                all.stream());
    }

    private static Pod readyRunner(String node) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("runner-" + node)
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .endSpec()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
    }

    /** The node is ready, its runner is not. */
    Scene runnerDown(String node) {
        withoutRunner.add(node);
        return this;
    }

    StatusDraft draft() {
        return StatusDraft.of(deployment, NOW);
    }

    /** What the API server would give back of a status. */
    static ModelDeploymentStatus throughTheServer(ModelDeploymentStatus status) {
        return Serialization.unmarshal(Serialization.asJson(status), ModelDeploymentStatus.class);
    }

    static RevisionRef ref(String name, String version) {
        return new RevisionRef(name, version);
    }

    static RolloutStatus rollout(Phase phase, String revision, String version, String previous) {
        return new RolloutStatus(
                5L,
                phase,
                revision,
                version,
                previous,
                3L,
                NOW.minusSeconds(60).toString(),
                NOW.minusSeconds(30).toString(),
                null,
                1,
                0,
                0,
                0,
                0,
                "as told",
                phase == Phase.RolledBack || phase == Phase.Aborting ? "SoakFailed" : null);
    }
}
