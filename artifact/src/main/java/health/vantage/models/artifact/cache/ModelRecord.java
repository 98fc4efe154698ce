package health.vantage.models.artifact.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.InvalidMetadata;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.cache.CachedModel.CachedFile;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the cache wrote down about one whole model. */
record ModelRecord(ModelMetadata metadata, List<Entry> entries, List<Digest> layers) {
    static final String NAME = "model.json";
    static final String EVIDENCE = "evidence";

    record Entry(CachedFile file, Digest layer) {}

    byte[] toBytes() {
        ObjectNode root = Json.newObject();
        root.set("metadata", Json.object(metadata.canonicalJson()));
        var files = root.putArray("files");
        for (Entry entry : entries) {
            ObjectNode node = files.addObject();
            node.put("path", entry.file().path());
            node.put("size", entry.file().sizeBytes());
            node.put("weight", entry.file().weight());
            node.put("layer", entry.layer().toString());
        }
        var all = root.putArray("layers");
        layers.forEach(layer -> all.add(layer.toString()));
        return Json.bytes(root);
    }

    /** @throws IOException also if the record is damaged */
    static ModelRecord read(Path model) throws IOException {
        try {
            ObjectNode root = Json.object(Files.readAllBytes(model.resolve(NAME)));
            var entries = new ArrayList<Entry>();
            for (JsonNode node : root.path("files")) {
                CachedFile file = new CachedFile(
                        node.path("path").asText(),
                        node.path("size").asLong(),
                        node.path("weight").asBoolean());
                entries.add(new Entry(file, Digest.parse(node.path("layer").asText())));
            }
            var layers = new ArrayList<Digest>();
            root.path("layers").forEach(layer -> layers.add(Digest.parse(layer.asText())));
            return new ModelRecord(ModelMetadata.parse(Json.bytes(root.path("metadata"))), entries, layers);
        } catch (Json.NotJson | IllegalArgumentException | InvalidMetadata e) {
            throw new IOException("the record " + model.resolve(NAME) + " is damaged: " + e.getMessage(), e);
        }
    }

    CachedModel cached(Digest digest, Path model) {
        List<CachedFile> files = entries.stream().map(Entry::file).toList();
        return new CachedModel(
                digest,
                metadata,
                model.resolve(LayerUnpacker.FILES),
                files,
                files.stream().mapToLong(CachedFile::sizeBytes).sum(),
                new Repositories(RegistryOptions.defaults()).open(Reference.ofLayout(model.resolve(EVIDENCE))));
    }
}
