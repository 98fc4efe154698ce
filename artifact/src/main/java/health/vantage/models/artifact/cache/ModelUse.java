package health.vantage.models.artifact.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When a model was last wanted: the time on its record, so that every process sees it. */
final class ModelUse {
    private static final Logger LOG = LoggerFactory.getLogger(ModelUse.class);

    private ModelUse() {}

    static void now(Path model) {
        try {
            Files.setLastModifiedTime(model.resolve(ModelRecord.NAME), FileTime.from(Instant.now()));
        } catch (IOException e) {
            // It only decides what goes first.
            LOG.debug("The use of {} is not noted: {}", model, e.toString());
        }
    }

    /** Long ago, if nothing is known. */
    static Instant last(Path model) {
        try {
            return Files.getLastModifiedTime(model.resolve(ModelRecord.NAME)).toInstant();
        } catch (IOException e) {
            return Instant.EPOCH;
        }
    }
}
