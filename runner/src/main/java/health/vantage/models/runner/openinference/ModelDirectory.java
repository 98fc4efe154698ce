package health.vantage.models.runner.openinference;

import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.proto.v2.ModelConfig;
import health.vantage.models.runner.proto.v2.ModelMetadataResponse;
import health.vantage.models.runner.proto.v2.ModelMetadataResponse.TensorMetadata;
import health.vantage.models.runner.proto.v2.ModelStatisticsResponse;
import health.vantage.models.runner.proto.v2.RepositoryIndexResponse;
import health.vantage.models.runner.proto.v2.RepositoryIndexResponse.ModelIndex;
import health.vantage.models.runner.serve.ModelLane;
import health.vantage.models.runner.serve.ModelTable;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * What the protocol tells about models. A version that is asked for must be the one that serves, or it is unknown; empty is any.
 *
 * @param table of this runner
 */
public record ModelDirectory(ModelTable table) {
    static final String WHO_DECIDES =
            "which models this runner serves is decided by its ModelDeployments, its --config file or its"
                    + " command line, not over this port";

    public boolean ready(String name, String version) {
        return table.find(name)
                .flatMap(lane -> lane.slot().active())
                .filter(active -> asked(active, version))
                .filter(active -> active.trouble().isEmpty())
                .isPresent();
    }

    /** @throws Refusal when the model is unknown or not ready, or serves in another version */
    public ModelMetadataResponse metadata(String name, String version) {
        return withModel(name, version, (lane, active) -> ModelMetadataResponse.newBuilder()
                .setName(name)
                .addVersions(active.contract().version())
                .setPlatform(active.contract().format())
                .addAllInputs(tensors(active.model().inputs()))
                .addAllOutputs(tensors(active.model().outputs()))
                .build());
    }

    private static List<TensorMetadata> tensors(List<TensorSpec> specs) {
        return specs.stream()
                .map(spec -> TensorMetadata.newBuilder()
                        .setName(spec.name())
                        .setDatatype(spec.type().name())
                        .addAllShape(dims(spec.shape()))
                        .build())
                .toList();
    }

    /** @throws Refusal when the model is unknown or not ready, or serves in another version */
    public ModelConfig config(String name, String version) {
        return withModel(name, version, (lane, active) -> ModelConfigs.of(lane, active));
    }

    /**
     * Of one model, or of all when the name is empty.
     *
     * @throws Refusal when the model is unknown, or serves in another version
     */
    public ModelStatisticsResponse statistics(String name, String version) {
        ModelStatisticsResponse.Builder response = ModelStatisticsResponse.newBuilder();
        if (name.isEmpty()) {
            table.forEach(lane -> response.addModelStats(ModelCounts.of(lane)));
        } else {
            checkVersion(name, version);
            response.addModelStats(ModelCounts.of(lane(name)));
        }
        return response.build();
    }

    /**
     * Every name this runner knows.
     *
     * @param repository must be empty: there is one
     * @param ready leave out what does not answer
     */
    public RepositoryIndexResponse index(String repository, boolean ready) {
        if (!repository.isEmpty()) {
            throw new Refusal(Refusal.Kind.INVALID, "this runner has one repository, without a name");
        }
        RepositoryIndexResponse.Builder index = RepositoryIndexResponse.newBuilder();
        table.forEach(lane -> {
            ModelIndex entry = entry(lane.slot());
            if (!ready || entry.getState().equals("READY")) {
                index.addModels(entry);
            }
        });
        return index.build();
    }

    /** With Triton's states. */
    private static ModelIndex entry(ModelSlot slot) {
        Optional<ServedVersion> active = slot.active();
        Optional<String> trouble = active.isPresent() ? active.get().trouble() : Optional.of(slot.whyNot());
        return ModelIndex.newBuilder()
                .setName(slot.name())
                .setVersion(active.map(version -> version.contract().version()).orElse(""))
                .setState(trouble.isEmpty() ? "READY" : "UNAVAILABLE")
                .setReason(trouble.orElse(""))
                .build();
    }

    /** Loading and unloading over the port: always refused. */
    public Refusal notOverThisPort(String name) {
        return new Refusal(
                Refusal.Kind.UNSUPPORTED, "model \"" + name + "\" is not loaded or unloaded here: " + WHO_DECIDES);
    }

    /** @throws Refusal when another version serves than the one asked for; a model that is not there is nobody's business yet */
    public void checkVersion(String name, String version) {
        table.find(name)
                .flatMap(lane -> lane.slot().active())
                .filter(active -> !asked(active, version))
                .ifPresent(active -> {
                    throw otherVersion(active, version);
                });
    }

    private <T> T withModel(String name, String version, BiFunction<ModelLane, ServedVersion, T> describe) {
        ModelLane lane = lane(name);
        ServedVersion held = lane.slot()
                .hold()
                .orElseThrow(() -> new Refusal(
                        Refusal.Kind.NOT_READY,
                        "model " + name + " is not ready: " + lane.slot().whyNot()));
        try {
            if (!asked(held, version)) {
                throw otherVersion(held, version);
            }
            return describe.apply(lane, held);
        } finally {
            held.release();
        }
    }

    private ModelLane lane(String name) {
        return table.find(name)
                .orElseThrow(() -> new Refusal(
                        Refusal.Kind.UNKNOWN_MODEL,
                        "no model \"" + name + "\" on this runner; it serves " + table.names()));
    }

    static List<Long> dims(Shape shape) {
        return Arrays.stream(shape.toArray()).boxed().toList();
    }

    private static boolean asked(ServedVersion active, String version) {
        return version.isEmpty() || active.contract().version().equals(version);
    }

    private static Refusal otherVersion(ServedVersion active, String wanted) {
        return new Refusal(
                Refusal.Kind.UNKNOWN_MODEL,
                "version \"" + wanted + "\" was asked for, and " + active
                        + " serves; leave the version empty to take it");
    }
}
