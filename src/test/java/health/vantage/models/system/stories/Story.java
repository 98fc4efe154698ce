package health.vantage.models.system.stories;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.Condition;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelNode;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.api.ModelRevisionStatus;
import health.vantage.models.api.ModelRevisionStatus.Outcome;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.Signer;
import health.vantage.models.runner.samples.ModelFolder;
import health.vantage.models.system.harness.Await;
import health.vantage.models.system.world.Publisher;
import health.vantage.models.system.world.Publisher.Release;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** One ModelDeployment with all that belongs to it; taken away at the end, so that the next story finds free nodes. */
final class Story implements AutoCloseable {
    static final Duration ROLLOUT = Duration.ofSeconds(240);
    static final String SECRET = "cosign-pub";

    private static final long[] SHAPE = {1, VectorClient.LENGTH};
    private static final List<Long> VECTOR = List.of(1L, (long) VectorClient.LENGTH);
    private static final int MOST_LOG = 6_000;
    private static final AtomicInteger FOLDERS = new AtomicInteger();

    private final StoryWorld stories;
    private final String name;
    private final String namespace;
    private final String repository;
    private final Publisher publisher;

    /** @param name of the ModelDeployment and of the model: unique among the stories, clients ask for it */
    Story(StoryWorld stories, String name) {
        this(stories, name, stories.key());
    }

    /** @param trusted whose signature the deployment asks for, and the publisher gives */
    Story(StoryWorld stories, String name, Signer trusted) {
        this.stories = stories;
        this.name = name;
        this.namespace = stories.world().cluster().newNamespace("story");
        this.repository = stories.world().registry().host() + "/stories/" + name;
        this.publisher = new Publisher(repository, trusted);
        trust(trusted);
    }

    String name() {
        return name;
    }

    String namespace() {
        return namespace;
    }

    String repository() {
        return repository;
    }

    Publisher publisher() {
        return publisher;
    }

    /** The repository, for what a publisher would never do. */
    Repository rawRepository() {
        return new Repositories(RegistryOptions.defaults()).open(Reference.parse(repository));
    }

    /** Creates the Secret that the deployment names, or changes it. */
    void trust(Signer signer) {
        secret(SECRET, "cosign.pub", signer.publicKeyPem());
    }

    void secret(String secret, String entry, String content) {
        stories.world()
                .client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(secret)
                        .withNamespace(namespace)
                        .endMetadata()
                        .addToStringData(entry, content)
                        .build())
                .serverSideApply();
    }

    /** A release of the model for every tier of the world: small, and fast enough for any soak. */
    static Release release(String version) {
        return release(version, "jetson", "rtx");
    }

    static Release release(String version, String... variants) {
        return Release.of(version, variants).withVramGB(0.1).withShapes(VECTOR, VECTOR);
    }

    /** The shape that {@link health.vantage.models.runner.onnx.OnnxModels} take for a story's model. */
    static long[] shape() {
        return SHAPE.clone();
    }

    /** Lays a model out as the publisher packs it. */
    Path files(byte[] onnx) {
        return folder(onnx).root();
    }

    ModelFolder folder(byte[] onnx) {
        Path folder =
                stories.world().cluster().folder().resolve("files").resolve(name + "-" + FOLDERS.incrementAndGet());
        return ModelFolder.write(folder, onnx);
    }

    /** Releases a version and moves the tags to it. */
    void publish(String version, byte[] onnx) {
        publisher.release(release(version), files(onnx));
        publisher.moveTags(release(version));
    }

    /** Applies a deployment of capability cv3 on both tiers, with short times, and with these fields set otherwise. */
    void apply(Map<String, ?> fields) {
        ObjectNode spec = (ObjectNode) Serialization.unmarshal(
                """
                model: {repository: "%s", capabilities: [cv3]}
                tiers: [jetson, rtx]
                resolve: {policy: Poll, interval: 1s}
                verify: {publicKeys: [{secretRef: {name: %s}}]}
                rollout: {stageTimeout: 60s, activateTimeout: 30s, soak: 1s, maxLatencyFactor: 1000}
                """.formatted(repository, SECRET), com.fasterxml.jackson.databind.JsonNode.class);
        fields.forEach((path, value) -> Fields.set(spec, path, value));
        var wanted = Fields.object();
        wanted.put("apiVersion", ApiGroup.GROUP + "/" + ApiGroup.VERSION).put("kind", "ModelDeployment");
        wanted.putObject("metadata").put("name", name).put("namespace", namespace);
        wanted.set("spec", spec);
        stories.world()
                .client()
                .genericKubernetesResources(ApiGroup.GROUP + "/" + ApiGroup.VERSION, "ModelDeployment")
                .inNamespace(namespace)
                .load(new java.io.ByteArrayInputStream(
                        wanted.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .create();
    }

    void apply() {
        apply(Map.of());
    }

    /** Changes fields of the spec; {@link Optional#empty()} removes one. */
    void change(Map<String, ?> fields) {
        var patch = Fields.object();
        fields.forEach((path, value) -> Fields.set(patch, "spec." + path, value));
        patch(patch);
    }

    void annotate(String annotation, String value) {
        var patch = Fields.object();
        patch.putObject("metadata").putObject("annotations").put(annotation, value);
        patch(patch);
    }

    private void patch(ObjectNode patch) {
        resource().patch(PatchContext.of(PatchType.JSON_MERGE), patch.toString());
    }

    Resource<ModelDeployment> resource() {
        return stories.world()
                .client()
                .resources(ModelDeployment.class)
                .inNamespace(namespace)
                .withName(name);
    }

    ModelDeploymentStatus status() {
        ModelDeployment deployment = resource().get();
        return deployment == null || deployment.getStatus() == null
                ? new ModelDeploymentStatus(
                        null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                        null, null, null)
                : deployment.getStatus();
    }

    /** The condition, or one of status Unknown that says nothing. */
    Condition condition(String type) {
        return status().conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElseGet(() -> new Condition(type, Condition.Status.Unknown, null, "", "NotThere", ""));
    }

    boolean is(String type, Condition.Status status, String reason) {
        Condition seen = condition(type);
        return seen.status() == status && seen.reason().equals(reason);
    }

    /** Returns when the attempt with that version is over, in that phase. */
    void awaitSettled(Phase phase, String version) {
        await(version + " is " + phase, () -> settled(phase, version));
    }

    private boolean settled(Phase phase, String version) {
        ModelDeploymentStatus now = status();
        return now.rollout() != null
                && now.rollout().phase() == phase
                && version.equals(now.rollout().version());
    }

    /** Returns when what the spec asks for, in its present generation, serves everywhere. */
    void awaitReady(String version) {
        await(version + " is ready", () -> {
            ModelDeployment now = resource().get();
            return now.getStatus() != null
                    && now.getStatus()
                            .observedGeneration()
                            .equals(now.getMetadata().getGeneration())
                    && version.equals(now.getStatus().version())
                    && now.getStatus().conditions().stream()
                            .anyMatch(c -> c.type().equals("Ready") && c.status() == Condition.Status.True);
        });
    }

    void awaitPhase(Phase phase) {
        await(
                "the phase is " + phase,
                () -> status().rollout() != null && status().rollout().phase() == phase);
    }

    void awaitCondition(String type, Condition.Status status, String reason) {
        await(type + " is " + status + " (" + reason + ")", () -> is(type, status, reason));
    }

    void await(String what, BooleanSupplier condition) {
        Await.until(name + ": " + what, ROLLOUT, condition, this::account);
    }

    private String account() {
        String log = stories.operatorLog();
        return Serialization.asYaml(status()) + "\nThe nodes say: "
                + StoryWorld.NODES.stream()
                        .map(node -> node + " " + told(node).map(i -> i.epoch() + " " + i.step()) + " -> " + said(node))
                        .toList()
                + "\nThe operator's last words:\n" + log.substring(Math.max(0, log.length() - MOST_LOG));
    }

    /** What a node was told about this model. */
    Optional<ModelInstruction> told(String node) {
        return Optional.ofNullable(stories.modelNode(node)).map(ModelNode::getSpec).stream()
                .flatMap(spec -> spec.models().stream())
                .filter(instruction -> instruction.name().equals(name))
                .findFirst();
    }

    /** What a node says about this model. */
    Optional<ModelState> said(String node) {
        return Optional.ofNullable(stories.modelNode(node))
                .map(ModelNode::getStatus)
                .flatMap(status -> status.model(name));
    }

    List<ModelRevision> revisions() {
        return stories
                .world()
                .client()
                .resources(ModelRevision.class)
                .inNamespace(namespace)
                .withLabel(ApiGroup.DEPLOYMENT_LABEL, name)
                .list()
                .getItems()
                .stream()
                .sorted(Comparator.comparing(revision -> revision.getSpec().version()))
                .toList();
    }

    /** What became of the revisions, the lowest version first. */
    List<Outcome> outcomes() {
        return revisions().stream()
                .flatMap(revision ->
                        Optional.ofNullable(revision.getStatus()).map(ModelRevisionStatus::outcome).stream())
                .toList();
    }

    /** Reasons of the events, in the order in which they were told. */
    List<String> events() {
        return stories.world().client().events().v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> event.getRegarding().getName().equals(name))
                .sorted(Comparator.comparing(
                        (Event event) -> event.getEventTime().getTime()))
                .map(Event::getReason)
                .toList();
    }

    /** Runs kubectl in the story's namespace. */
    String kubectl(String... arguments) {
        var words = new java.util.ArrayList<>(List.of("-n", namespace));
        words.addAll(List.of(arguments));
        return stories.world().kubectl().run(words, "");
    }

    void delete() {
        resource().delete();
        await("the deployment is gone", () -> resource().get() == null);
    }

    /** Deletes the deployment and returns when no node of the world knows the model any more. */
    @Override
    public void close() {
        resource().delete();
        await(
                "everybody has forgotten it",
                () -> resource().get() == null
                        && StoryWorld.NODES.stream()
                                .allMatch(node ->
                                        told(node).isEmpty() && said(node).isEmpty()));
    }
}
