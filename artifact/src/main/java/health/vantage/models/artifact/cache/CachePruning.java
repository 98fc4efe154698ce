package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.files.DurableFiles;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Removes what nobody needs: neither a model to keep, nor a pull that is under way, here or in another process. */
final class CachePruning {
    private final CacheFolder folder;
    private final Set<Digest> keep;
    private final Watermarks marks;

    CachePruning(CacheFolder folder, Set<Digest> keep, Watermarks marks) {
        this.folder = folder;
        this.keep = keep;
        this.marks = marks;
    }

    /** @return the models that went */
    List<Digest> run() throws IOException {
        List<Digest> gone = new ArrayList<>();
        // A pull makes its claim under the same lock: it is seen here, or it looks for its layers after we are done.
        try (var _ = folder.lockRemoval()) {
            Set<Digest> needed = new HashSet<>();
            for (Digest claimed : folder.digestsIn("claims")) {
                // A crash after the model's rename leaves a claim that nothing needs.
                boolean whole = Files.exists(folder.model(claimed).resolve(ModelRecord.NAME));
                if (keep.contains(claimed) && !whole || isBusy(claimed)) {
                    needed.addAll(claimedLayers(folder.claim(claimed)));
                } else {
                    Files.deleteIfExists(folder.claim(claimed));
                }
            }
            // Only those: another process may put one there meanwhile.
            for (Digest model : evicted()) {
                if (remove(model)) {
                    gone.add(model);
                }
            }
            for (Digest model : folder.digestsIn("models")) {
                needed.addAll(layersOf(model));
            }
            for (Digest layer : folder.digestsIn("layers")) {
                if (!needed.contains(layer)) {
                    DurableFiles.deleteTree(folder.layer(layer));
                }
            }
            for (Digest layer : folder.digestsIn("partial")) {
                if (!needed.contains(layer)) {
                    Files.deleteIfExists(folder.partial(layer));
                    Files.deleteIfExists(folder.partialHeader(layer));
                }
            }
        }
        return gone;
    }

    List<Digest> evicted() throws IOException {
        List<Eviction.Held> held =
                folder.digestsIn("models").stream().map(this::held).toList();
        return List.copyOf(Eviction.of(held, keep, marks));
    }

    private Eviction.Held held(Digest model) {
        Map<Digest, Long> layers = new HashMap<>();
        for (Digest layer : layersOf(model)) {
            layers.put(layer, bytesOf(layer));
        }
        return new Eviction.Held(model, ModelUse.last(folder.model(model)), layers);
    }

    private long bytesOf(Digest layer) {
        try {
            return LayerRecord.read(folder.layer(layer)).files().stream()
                    .mapToLong(LayerRecord.FileRecord::size)
                    .sum();
        } catch (IOException e) {
            // A damaged layer is pulled again; nobody counts on its bytes.
            return 0;
        }
    }

    private boolean isBusy(Digest model) throws IOException {
        try (var lock = folder.tryLockModel(model)) {
            return lock == null;
        }
    }

    /** False if somebody works on it. */
    private boolean remove(Digest model) throws IOException {
        try (var lock = folder.tryLockModel(model)) {
            if (lock == null) {
                return false;
            }
            DurableFiles.deleteTree(folder.staging("model-" + model.hex()));
            // The record first: a model without it is not found any more, so it is never half there.
            Files.deleteIfExists(folder.model(model).resolve(ModelRecord.NAME));
            DurableFiles.deleteTree(folder.model(model));
            return true;
        }
    }

    private Set<Digest> layersOf(Digest model) {
        try {
            return new HashSet<>(ModelRecord.read(folder.model(model)).layers());
        } catch (IOException e) {
            // A damaged record: the model is pulled again, and its layers with it.
            return Set.of();
        }
    }

    private static Set<Digest> claimedLayers(Path claim) throws IOException {
        var layers = new HashSet<Digest>();
        if (Manifest.parse(Files.readAllBytes(claim), "", claim.toString()) instanceof Manifest.Artifact manifest) {
            manifest.layers().stream().map(Descriptor::digest).forEach(layers::add);
        }
        return layers;
    }
}
