package health.vantage.models.operator.plan;

import com.fasterxml.jackson.databind.JsonNode;
import health.vantage.models.api.ModelNodeStatus.Backend;
import health.vantage.models.api.ModelRevisionSpec.TierArtifact;
import health.vantage.models.operator.Reason;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What besides memory must match. Only what is known speaks against a node: no label carries TensorRT's version, so a
 * runner that has not reported yet is given the benefit of the doubt, and its preflight proves the rest.
 */
final class Compatibility {
    private Compatibility() {}

    static Optional<Fit.Misfit> misfit(NodeFacts node, String ownUid, String model, TierArtifact artifact) {
        return nameConflict(node, ownUid, model)
                .or(() -> backend(node, artifact))
                .or(() -> cuda(node, artifact));
    }

    private static Optional<Fit.Misfit> nameConflict(NodeFacts node, String ownUid, String model) {
        return node.instruction(model)
                .filter(i -> !i.deployment().uid().equals(ownUid))
                .map(i -> new Fit.Misfit(
                        Reason.NameConflict,
                        "the name " + model + " is served for " + i.deployment().namespace() + "/"
                                + i.deployment().name() + "; clients ask by name, so rename one of the two"));
    }

    private static Optional<Fit.Misfit> backend(NodeFacts node, TierArtifact artifact) {
        String format = text(artifact.metadata(), "model", "format");
        if (format.isEmpty()) {
            return Optional.empty();
        }
        if (!node.formats().isEmpty() && !node.formats().contains(format)) {
            return Optional.of(new Fit.Misfit(
                    Reason.UnsupportedFormat,
                    "ComputeTier " + node.tier() + " loads " + new TreeSet<>(node.formats()) + ", not " + format
                            + "; push a variant in one of these, or add it to the tier's formats"));
        }
        List<Backend> backends = node.status().backends();
        if (backends.isEmpty()) {
            return Optional.empty();
        }
        List<Backend> loaders = backends.stream()
                .filter(b -> b.formats() != null && b.formats().contains(format))
                .toList();
        Optional<Backend> available =
                loaders.stream().filter(b -> Boolean.TRUE.equals(b.available())).findFirst();
        if (available.isEmpty()) {
            String why = loaders.stream()
                    .findFirst()
                    .map(b -> b.name() + ": " + b.message())
                    .orElse("no backend loads it");
            return Optional.of(new Fit.Misfit(Reason.UnsupportedFormat, "format " + format + " cannot run: " + why));
        }
        String least = text(artifact.metadata(), "deployment", "minTensorRTVersion");
        String has = available.get().version();
        if (format.equals("tensorrt")
                && Versions.isVersion(least)
                && Versions.isVersion(has)
                && !Versions.atLeast(has, least)) {
            return Optional.of(new Fit.Misfit(
                    Reason.IncompatibleTensorRT,
                    "the engine needs TensorRT " + least + " or newer, the runner has " + has));
        }
        return Optional.empty();
    }

    private static Optional<Fit.Misfit> cuda(NodeFacts node, TierArtifact artifact) {
        String least = text(artifact.metadata(), "deployment", "minCudaVersion");
        return node.cudaVersion()
                .filter(has -> Versions.isVersion(least) && !Versions.atLeast(has, least))
                .map(has -> new Fit.Misfit(
                        Reason.IncompatibleCuda,
                        "the model needs CUDA " + least + " or newer, the node's driver supports " + has));
    }

    private static String text(JsonNode metadata, String section, String field) {
        return metadata == null ? "" : metadata.path(section).path(field).asText("");
    }
}
