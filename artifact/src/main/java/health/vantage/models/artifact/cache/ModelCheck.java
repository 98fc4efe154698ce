package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.LayerRecord.FileRecord;
import health.vantage.models.artifact.progress.ProgressListener;
import health.vantage.models.artifact.registry.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Hashes a cached model's files back to the digests in its manifest: what is checked is what was signed, and not what
 * this cache once wrote down about it.
 */
final class ModelCheck {
    private final CacheFolder folder;
    private final CachedModel model;
    private final ModelRecord record;
    private final ProgressListener listener;
    private final Set<Digest> damagedLayers = new LinkedHashSet<>();
    private final Set<String> damagedFiles = new LinkedHashSet<>();

    ModelCheck(CacheFolder folder, CachedModel model, ModelRecord record, ProgressListener listener) {
        this.folder = folder;
        this.model = model;
        this.record = record;
        this.listener = listener;
    }

    /** @throws IOException only for an error that says nothing about the files */
    void run() throws IOException {
        Manifest.Artifact manifest =
                (Manifest.Artifact) model.evidence().manifest(model.digest()).parsed();
        DiffIds diffIds = DiffIds.of(model.evidence(), manifest);
        // By the manifest, not by the record: a record that lost a layer must not pass.
        for (Digest layer :
                manifest.layers().stream().map(l -> l.digest()).distinct().toList()) {
            boolean whole;
            try {
                whole = holds(layer, diffIds);
            } catch (IOException e) {
                // An unreadable sector is damage like a flipped bit.
                whole = false;
            }
            if (!whole) {
                damagedLayers.add(layer);
                List<String> files = filesOf(layer);
                damagedFiles.addAll(files.isEmpty() ? List.of("the layer " + layer.shortHex()) : files);
            }
        }
    }

    private boolean holds(Digest layer, DiffIds diffIds) throws IOException {
        LayerRecord layerRecord = LayerRecord.read(folder.layer(layer));
        Digest expected = diffIds.expected(layer, layerRecord).orElse(layerRecord.tar());
        List<Path> files = new ArrayList<>();
        for (FileRecord file : layerRecord.files()) {
            Path path = path(layer, layerRecord, file);
            if (!Files.isRegularFile(path) || Files.size(path) != file.size()) {
                return false;
            }
            files.add(path);
        }
        Optional<Framing> framing = layerRecord.framing();
        if (framing.isPresent()) {
            return framing.get().digest(files, listener).equals(expected);
        }
        for (int i = 0; i < files.size(); i++) {
            Optional<Digest> digest = layerRecord.files().get(i).digest();
            if (digest.isEmpty() || !Framing.digestOf(files.get(i), listener).equals(digest.get())) {
                return false;
            }
        }
        return layerRecord.tar().equals(expected);
    }

    /** The file as the model has it; in an image a later layer may have replaced it, then as the layer has it. */
    private Path path(Digest layer, LayerRecord layerRecord, FileRecord file) {
        List<String> mine = filesOf(layer);
        boolean raw = layerRecord.encoding() == health.vantage.models.artifact.archive.LayerEncoding.RAW;
        if (raw && !mine.isEmpty()) {
            return model.folder().resolve(mine.getFirst());
        }
        return mine.contains(file.path())
                ? model.folder().resolve(file.path())
                : folder.layer(layer).resolve(LayerUnpacker.FILES).resolve(file.path());
    }

    private List<String> filesOf(Digest layer) {
        return record.entries().stream()
                .filter(entry -> entry.layer().equals(layer))
                .map(entry -> entry.file().path())
                .toList();
    }

    Set<Digest> damagedLayers() {
        return damagedLayers;
    }

    Set<String> damagedFiles() {
        return damagedFiles;
    }
}
