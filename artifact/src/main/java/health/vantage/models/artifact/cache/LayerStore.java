package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.ArtifactException.DiskFull;
import health.vantage.models.artifact.archive.LayerEncoding;
import health.vantage.models.artifact.files.DurableFiles;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The unpacked layers. Each appears by one rename, so it is there as a whole or not at all. */
final class LayerStore {
    private final CacheFolder folder;
    private final CacheLimits limits;

    LayerStore(CacheFolder folder, CacheLimits limits) {
        this.folder = folder;
        this.limits = limits;
    }

    /** The layer's record if the layer is here; a layer whose record is damaged is not. */
    Optional<LayerRecord> find(Descriptor layer) {
        Path path = folder.layer(layer.digest());
        if (!Files.exists(path.resolve(LayerRecord.NAME))) {
            return Optional.empty();
        }
        try {
            return Optional.of(LayerRecord.read(path)).filter(r -> r.encoding() == LayerEncoding.of(layer.mediaType()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Pulls and unpacks the layer unless it is here. Another process that wants it too waits and then finds it. */
    LayerRecord ensure(Repository repository, Descriptor layer, SharedLine line) {
        try (var _ = folder.lockLayer(layer.digest())) {
            Optional<LayerRecord> here = find(layer);
            if (here.isPresent()) {
                // A crash between the layer's rename and this leaves a part that nobody would continue.
                new Partial(folder, layer).discard();
                line.progress().at(layer.digest(), layer.size());
                return here.get();
            }
            Partial partial = new Partial(folder, layer);
            try (var _ = line.turn()) {
                new BlobDownload(repository, layer, partial, line.writer(), line.progress()).run();
                if (LayerEncoding.of(layer.mediaType()).compressed()) {
                    // Both forms are on the disk meanwhile: not of more layers at a time than room was kept for.
                    return unpack(layer, partial);
                }
            }
            return unpack(layer, partial);
        } catch (IOException e) {
            throw CacheFailure.of("store the layer " + layer.digest() + " in " + folder.root(), e);
        }
    }

    private LayerRecord unpack(Descriptor layer, Partial partial) throws IOException {
        Path staging = folder.staging("layer-" + layer.digest().hex());
        DurableFiles.deleteTree(staging);
        try {
            LayerRecord record = new LayerUnpacker(limits, layer).unpack(partial, staging);
            Path place = folder.layer(layer.digest());
            DurableFiles.deleteTree(place);
            DurableFiles.move(staging, place);
            partial.discard();
            return record;
        } catch (IOException | RuntimeException e) {
            DurableFiles.deleteTree(staging);
            // What unpacks badly now will unpack badly again; only a full disk gets better by itself.
            boolean keep = e instanceof IOException || e instanceof DiskFull;
            if (!keep) {
                partial.discard();
            }
            throw e;
        }
    }
}
