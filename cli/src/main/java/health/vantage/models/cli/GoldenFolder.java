package health.vantage.models.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.pack.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads a golden sample's folder and refuses one that no node could use, while there is still a person to mend it. */
final class GoldenFolder {
    private GoldenFolder() {}

    static List<ModelFile> files(Path folder) throws IOException {
        Path sample = folder.resolve("sample.json");
        ObjectNode root;
        try {
            root = Json.object(Files.readAllBytes(sample));
        } catch (Json.NotJson e) {
            throw new IllegalArgumentException(sample + " is " + e.getMessage(), e);
        }
        var files = new ArrayList<ModelFile>();
        files.add(golden(sample));
        for (String side : List.of("inputs", "outputs")) {
            JsonNode tensors = root.path(side);
            if (!tensors.isArray() || tensors.isEmpty()) {
                throw new IllegalArgumentException(sample + " lists no " + side);
            }
            for (JsonNode tensor : tensors) {
                String name = tensor.path("file").asText("");
                Path file = folder.resolve(name);
                if (name.isEmpty() || name.contains("/") || !Files.isRegularFile(file)) {
                    throw new IllegalArgumentException(
                            sample + " names the file '" + name + "' in " + side + ", which is not in " + folder);
                }
                if (files.stream().noneMatch(f -> f.source().equals(file))) {
                    files.add(golden(file));
                }
            }
        }
        return files;
    }

    private static ModelFile golden(Path file) {
        return new ModelFile(file, "models/golden/" + file.getFileName(), ModelFile.Kind.CONFIG);
    }
}
