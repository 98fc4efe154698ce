package health.vantage.models.runner.store;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.model.ModelContract;
import java.nio.file.Path;

/**
 * A whole model on this node's disk.
 *
 * @param folder holds {@code models/}
 */
public record StoredModel(Digest digest, ModelContract contract, Path folder) {}
