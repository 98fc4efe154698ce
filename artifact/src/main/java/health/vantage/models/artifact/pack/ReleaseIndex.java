package health.vantage.models.artifact.pack;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The index of one version: an entry per variant, with what a person or planner wants to know before fetching it. */
public final class ReleaseIndex {
    /** On an entry and on a manifest: which variant it is. */
    static final String VARIANT = ModelMetadata.VARIANT_ANNOTATION;

    private static final String PRECISION = "health.vantage.model.precision";
    private static final String VRAM = "health.vantage.model.vramGB";
    private static final String TARGETS = "health.vantage.model.targets";

    private ReleaseIndex() {}

    /** The entries of {@code before} (empty if there was none), with this model in the place of its variant's. */
    static List<Descriptor> with(List<Descriptor> before, ModelArtifact model, long manifestSize) {
        var entries = new ArrayList<>(before);
        entries.removeIf(e ->
                e.annotation(VARIANT).filter(model.metadata().variant()::equals).isPresent());
        entries.add(entry(model.digest(), model.metadata(), manifestSize));
        entries.sort(Comparator.comparing(e -> e.annotation(VARIANT).orElse("")));
        return entries;
    }

    static byte[] bytes(List<Descriptor> entries, ModelMetadata of) {
        return Manifest.Index.of(
                        entries,
                        Map.of(
                                "org.opencontainers.image.title", of.name(),
                                "org.opencontainers.image.version", of.version()))
                .toBytes();
    }

    private static Descriptor entry(Digest digest, ModelMetadata metadata, long size) {
        return Descriptor.of(MediaTypes.OCI_MANIFEST, digest, size)
                .withArtifactType(MediaTypes.MODEL_MANIFEST)
                .annotated(Map.of(
                        VARIANT, metadata.variant(),
                        PRECISION, metadata.model().precision().jsonName(),
                        VRAM, Double.toString(metadata.model().vramGB()),
                        TARGETS, String.join(",", metadata.deployment().targets())));
    }
}
