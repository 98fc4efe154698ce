package health.vantage.models.artifact.pack;

import health.vantage.models.artifact.archive.SafePath;
import health.vantage.models.artifact.registry.MediaTypes;
import java.nio.file.Path;

/**
 * One file to pack.
 *
 * @param source where it is now
 * @param path where it will be in the model's folder; always below {@code models/}
 * @param kind what it is for
 */
public record ModelFile(Path source, String path, Kind kind) {
    /** What a file is for; decides its layer's media type, by the ModelPack specification. */
    public enum Kind {
        WEIGHT(MediaTypes.MODEL_WEIGHT),
        /** What the weights need: labels, a tokenizer, the golden sample. */
        CONFIG(MediaTypes.MODEL_WEIGHT_CONFIG),
        DOC(MediaTypes.MODEL_DOC);

        private final String mediaType;

        Kind(String mediaType) {
            this.mediaType = mediaType;
        }

        String mediaType(String form) {
            return mediaType + "." + form;
        }
    }

    public ModelFile {
        String safe = SafePath.of(path, "The model to pack");
        if (!safe.equals(path) || !path.startsWith("models/")) {
            throw new IllegalArgumentException("The path '" + path + "' must be a plain path below models/");
        }
    }

    /** The file under {@code models/} with its own name. */
    public static ModelFile of(Path source, Kind kind) {
        return new ModelFile(source, "models/" + source.getFileName(), kind);
    }
}
