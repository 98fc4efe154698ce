package health.vantage.models.artifact.metadata;

import health.vantage.models.artifact.ArtifactException.InvalidMetadata;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Everything an artifact says of itself: the value of the manifest annotation {@link #ANNOTATION}.
 *
 * @param name the model's name; the last part of its repository's path
 * @param version semantic version without the variant, such as {@code 2.4.1}
 * @param variant the tier this build is for: {@code jetson}, {@code rtx}, {@code dgx}, {@code cpu}
 * @param model what is loaded, and what it needs
 * @param capabilities labels that clients and deployments ask for, such as {@code cv3}
 * @param provenance where it was trained
 * @param deployment what it runs on
 */
public record ModelMetadata(
        String name,
        String version,
        String variant,
        Model model,
        List<String> capabilities,
        Provenance provenance,
        Deployment deployment) {
    /** The manifest annotation that holds the metadata as compact JSON. */
    public static final String ANNOTATION = "health.vantage.model.metadata.v1+json";

    /** The label in a plain container image's config that holds the same JSON. */
    public static final String IMAGE_LABEL = "health.vantage.model.metadata";

    /** On a manifest and on a release index's entry: the variant alone. */
    public static final String VARIANT_ANNOTATION = "health.vantage.model.variant";

    public ModelMetadata {
        capabilities = capabilities == null ? List.of() : List.copyOf(capabilities);
    }

    /**
     * Reads metadata; fields it does not know are ignored.
     *
     * @throws InvalidMetadata naming <em>every</em> problem by its JSON path
     */
    public static ModelMetadata parse(byte[] json) {
        return MetadataReader.read(json);
    }

    /** Compact UTF-8 JSON in a fixed field order, without unknown fields: the same metadata gives the same bytes. */
    public byte[] canonicalJson() {
        return MetadataWriter.write(this);
    }

    /**
     * @param inputShape sizes of the input's dimensions, -1 where dynamic
     * @param outputShape sizes of the output's dimensions, -1 where dynamic
     * @param vramGB device memory it needs while serving, in GiB
     * @param latencyMs expected p50 of one inference on its tier, in milliseconds
     */
    public record Model(
            ModelFormat format,
            Precision precision,
            List<Long> inputShape,
            List<Long> outputShape,
            double vramGB,
            double latencyMs) {
        public Model {
            inputShape = inputShape == null ? List.of() : List.copyOf(inputShape);
            outputShape = outputShape == null ? List.of() : List.copyOf(outputShape);
        }

        /** {@link #vramGB} in MiB, rounded up: the ledger never promises memory that is not there. */
        public long vramMiB() {
            return BigDecimal.valueOf(vramGB)
                    .multiply(BigDecimal.valueOf(1024))
                    .setScale(0, RoundingMode.CEILING)
                    .longValueExact();
        }
    }

    /**
     * @param trainingRun the training run's id
     * @param dataset the data set and its version
     * @param trainedAt when training ended
     * @param trainedBy the person or pipeline
     */
    public record Provenance(String trainingRun, String dataset, Instant trainedAt, String trainedBy) {}

    /**
     * @param targets the devices or tiers it was built for
     * @param minCudaVersion may be null: it does not need CUDA, see {@link #minCuda()}
     * @param minTensorRTVersion may be null: it does not need TensorRT, see {@link #minTensorRt()}
     */
    public record Deployment(List<String> targets, String minCudaVersion, String minTensorRTVersion) {
        public Deployment {
            targets = targets == null ? List.of() : List.copyOf(targets);
        }

        public Optional<String> minCuda() {
            return Optional.ofNullable(minCudaVersion);
        }

        public Optional<String> minTensorRt() {
            return Optional.ofNullable(minTensorRTVersion);
        }
    }
}
