package health.vantage.models.artifact.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.archive.LayerEncoding;
import health.vantage.models.artifact.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files of one unpacked layer, and what proves them.
 *
 * @param encoding how the blob was read; another manifest may claim another encoding for the same digest
 * @param tar digest of the tar that the files came in, as it is without compression; of the file itself, if it is raw
 * @param framing gives, with the files, that tar again; where it was too large to keep, each file has its digest
 */
record LayerRecord(LayerEncoding encoding, Digest tar, List<FileRecord> files, Optional<Framing> framing) {
    static final String NAME = "layer.json";

    /** @param digest where there is no framing */
    record FileRecord(String path, long size, Optional<Digest> digest) {
        ObjectNode toJson() {
            ObjectNode node = Json.newObject();
            node.put("path", path);
            node.put("size", size);
            digest.ifPresent(d -> node.put("digest", d.toString()));
            return node;
        }

        static FileRecord fromJson(JsonNode node) {
            return new FileRecord(
                    node.path("path").asText(),
                    node.path("size").asLong(),
                    Optional.of(node.path("digest").asText(""))
                            .filter(d -> !d.isEmpty())
                            .map(Digest::parse));
        }
    }

    byte[] toBytes() {
        ObjectNode root = Json.newObject();
        root.put("encoding", encoding.name());
        root.put("tar", tar.toString());
        var array = root.putArray("files");
        files.forEach(file -> array.add(file.toJson()));
        framing.ifPresent(f -> root.set("framing", f.toJson()));
        return Json.bytes(root);
    }

    /** @throws IOException also if the record is damaged */
    static LayerRecord read(Path layer) throws IOException {
        try {
            var files = new ArrayList<FileRecord>();
            ObjectNode root = Json.object(Files.readAllBytes(layer.resolve(NAME)));
            root.path("files").forEach(f -> files.add(FileRecord.fromJson(f)));
            return new LayerRecord(
                    LayerEncoding.valueOf(root.path("encoding").asText()),
                    Digest.parse(root.path("tar").asText()),
                    files,
                    root.has("framing") ? Optional.of(Framing.fromJson(root.path("framing"))) : Optional.empty());
        } catch (Json.NotJson | IllegalArgumentException e) {
            throw new IOException("the record " + layer.resolve(NAME) + " is damaged: " + e.getMessage(), e);
        }
    }
}
