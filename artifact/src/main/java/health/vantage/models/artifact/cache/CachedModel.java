package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A whole model on this node's disk.
 *
 * @param digest of its manifest
 * @param folder holds the files at their paths in the artifact, such as {@code models/model.onnx}; read only
 * @param files every file, by its path below {@code folder}
 * @param sizeBytes of all files together
 * @param evidence the manifest, config and signatures as they were in the registry: verification works on it offline
 */
public record CachedModel(
        Digest digest,
        ModelMetadata metadata,
        Path folder,
        List<CachedFile> files,
        long sizeBytes,
        Repository evidence) {
    public CachedModel {
        files = List.copyOf(files);
    }

    /** The weights: the files of the weight layers, in the manifest's order. */
    public List<Path> weights() {
        return files.stream()
                .filter(CachedFile::weight)
                .map(file -> folder.resolve(file.path()))
                .toList();
    }

    /** The weight file, where there is exactly one. */
    public Optional<Path> weight() {
        List<Path> weights = weights();
        return weights.size() == 1 ? Optional.of(weights.getFirst()) : Optional.empty();
    }

    /** The description of the golden sample, {@code models/golden/sample.json}, if the artifact has one. */
    public Optional<Path> goldenSample() {
        return Optional.of(folder.resolve("models/golden/sample.json")).filter(Files::isRegularFile);
    }

    /**
     * @param path below the model's folder, with '/'
     * @param weight whether a weight layer holds it
     */
    public record CachedFile(String path, long sizeBytes, boolean weight) {}
}
