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

/**
 * The files of one unpacked layer, with digests taken while unpacking the verified blob.
 *
 * @param encoding how the blob was read; another manifest may claim another encoding for the same digest
 */
record LayerRecord(LayerEncoding encoding, List<FileRecord> files) {
    static final String NAME = "layer.json";

    record FileRecord(String path, long size, Digest digest) {
        ObjectNode toJson() {
            ObjectNode node = Json.newObject();
            node.put("path", path);
            node.put("size", size);
            node.put("digest", digest.toString());
            return node;
        }

        static FileRecord fromJson(JsonNode node) {
            return new FileRecord(
                    node.path("path").asText(),
                    node.path("size").asLong(),
                    Digest.parse(node.path("digest").asText()));
        }
    }

    byte[] toBytes() {
        ObjectNode root = Json.newObject();
        root.put("encoding", encoding.name());
        var array = root.putArray("files");
        files.forEach(file -> array.add(file.toJson()));
        return Json.bytes(root);
    }

    /** @throws IOException also if the record is damaged */
    static LayerRecord read(Path layer) throws IOException {
        try {
            var files = new ArrayList<FileRecord>();
            ObjectNode root = Json.object(Files.readAllBytes(layer.resolve(NAME)));
            root.path("files").forEach(f -> files.add(FileRecord.fromJson(f)));
            return new LayerRecord(LayerEncoding.valueOf(root.path("encoding").asText()), files);
        } catch (Json.NotJson | IllegalArgumentException e) {
            throw new IOException("the record " + layer.resolve(NAME) + " is damaged: " + e.getMessage(), e);
        }
    }
}
