package health.vantage.models.operator.resolve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.api.ModelRevisionSpec;
import health.vantage.models.api.ModelRevisionSpec.TierArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.resolve.Resolution;
import health.vantage.models.artifact.resolve.ResolvedArtifact;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Makes the ModelRevision of a resolution. Pure; the same facts give the same name. */
final class Revisions {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_NAME = 200;

    private Revisions() {}

    static ModelRevision build(
            ModelDeployment deployment,
            Map<String, ComputeTier> tiers,
            Resolution resolution,
            Map<Digest, String> signers) {
        List<TierArtifact> artifacts = deployment.getSpec().tiers().stream()
                .map(tier -> {
                    String variant = tiers.get(tier).getSpec().variant();
                    return artifact(tier, variant, resolution.byVariant().get(variant), signers);
                })
                .toList();
        ModelMetadata first = resolution.byVariant().firstEntry().getValue().metadata();
        var revision = new ModelRevision();
        revision.setMetadata(new ObjectMetaBuilder()
                .withName(name(deployment, artifacts))
                .withNamespace(deployment.getMetadata().getNamespace())
                .addToLabels(
                        ApiGroup.DEPLOYMENT_LABEL,
                        label(deployment.getMetadata().getName()))
                .addToOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(deployment.getApiVersion())
                        .withKind(deployment.getKind())
                        .withName(deployment.getMetadata().getName())
                        .withUid(deployment.getMetadata().getUid())
                        .withController(true)
                        .build())
                .build());
        revision.setSpec(new ModelRevisionSpec(
                deployment.getMetadata().getName(),
                first.name(),
                resolution.version(),
                Reference.parse(deployment.getSpec().model().repository()).repository(),
                first.capabilities(),
                first.provenance() == null ? null : first.provenance().trainingRun(),
                first.provenance() == null ? null : first.provenance().dataset(),
                artifacts));
        return revision;
    }

    private static TierArtifact artifact(
            String tier, String variant, ResolvedArtifact artifact, Map<Digest, String> signers) {
        return new TierArtifact(
                tier,
                variant,
                artifact.digest().toString(),
                artifact.tag().orElse(null),
                artifact.sizeBytes(),
                artifact.metadata().model().vramMiB(),
                artifact.metadata().model().latencyMs(),
                signers.get(artifact.digest()),
                json(artifact.metadata()));
    }

    /**
     * The deployment's name and a hash of what each tier serves: writing it twice changes nothing. The deployment's UID
     * is in the hash, since the revisions of a deployment that was deleted and made again are still there for a moment,
     * and are then collected.
     */
    private static String name(ModelDeployment deployment, List<TierArtifact> artifacts) {
        String content = artifacts.stream()
                .map(a -> a.tier() + "=" + a.digest())
                .sorted()
                .collect(Collectors.joining("\n", deployment.getMetadata().getUid() + "\n", ""));
        String name = deployment.getMetadata().getName();
        String stem =
                name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME).replaceFirst("[^a-z0-9]+$", "") : name;
        return stem + "-"
                + Digest.of(content.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 10);
    }

    /** Label values end at 63 characters. */
    private static String label(String name) {
        return name.length() <= 63
                ? name
                : name.substring(0, 52) + "-"
                        + Digest.of(name.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 10);
    }

    private static JsonNode json(ModelMetadata metadata) {
        try {
            return JSON.readTree(metadata.canonicalJson());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Metadata wrote itself as something that is not JSON", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
