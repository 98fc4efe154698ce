package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.files.FileMutex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where things are in the cache:
 *
 * <pre>
 *   partial/HEX[.head]  a layer as far as it came, see Partial; continued, never trusted
 *   staging/            what is being unpacked or put together; worthless after a crash
 *   layers/HEX/         one layer's files and layer.json; appears by one rename, whole
 *   models/HEX/         one model: files/ (hard links into layers), evidence/ and model.json; appears by one rename
 *   claims/HEX          the manifest of a model that is being pulled: its layers are not to be pruned
 *   locks/              never deleted: two processes must meet at the same file
 * </pre>
 */
record CacheFolder(Path root) {
    static CacheFolder create(Path root) throws IOException {
        var folder = new CacheFolder(root);
        for (String part : List.of("partial", "staging", "layers", "models", "claims", "locks")) {
            Files.createDirectories(root.resolve(part));
        }
        return folder;
    }

    Path partial(Digest layer) {
        return root.resolve("partial").resolve(layer.hex());
    }

    Path partialHeader(Digest layer) {
        return root.resolve("partial").resolve(layer.hex() + ".head");
    }

    Path staging(String name) {
        return root.resolve("staging").resolve(name);
    }

    Path layer(Digest layer) {
        return root.resolve("layers").resolve(layer.hex());
    }

    Path model(Digest model) {
        return root.resolve("models").resolve(model.hex());
    }

    Path claim(Digest model) {
        return root.resolve("claims").resolve(model.hex());
    }

    private Path lockFile(String name) {
        return root.resolve("locks").resolve(name);
    }

    FileMutex lockLayer(Digest layer) throws IOException {
        return FileMutex.lock(lockFile("layer-" + layer.hex()));
    }

    FileMutex lockModel(Digest model) throws IOException {
        return FileMutex.lock(lockFile("model-" + model.hex()));
    }

    /** Null if somebody works on the model now. */
    FileMutex tryLockModel(Digest model) throws IOException {
        return FileMutex.tryLock(lockFile("model-" + model.hex()));
    }

    /** Held while something is removed, and while a claim against removal is made. */
    FileMutex lockRemoval() throws IOException {
        return FileMutex.lock(lockFile("removal"));
    }

    /** The digests that name the entries of one of the folders; other names are not ours and stay. */
    List<Digest> digestsIn(String part) throws IOException {
        var digests = new ArrayList<Digest>();
        try (var names = Files.list(root.resolve(part))) {
            for (Path path : names.sorted().toList()) {
                String name = path.getFileName().toString();
                if (name.matches("[0-9a-f]{64}(?:\\.head)?")) {
                    digests.add(new Digest(name.substring(0, 64)));
                }
            }
        }
        return digests;
    }
}
