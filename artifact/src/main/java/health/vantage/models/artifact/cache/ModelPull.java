package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.ArtifactException.DiskFull;
import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.archive.LayerEncoding;
import health.vantage.models.artifact.cache.CachedModel.CachedFile;
import health.vantage.models.artifact.cache.LayerRecord.FileRecord;
import health.vantage.models.artifact.files.DurableFiles;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;

/** One pull: claim, layers, files, record; the model appears by the rename at the end. The caller holds its lock. */
final class ModelPull {
    private static final int SETTLING = 32;

    private final CacheFolder folder;
    private final CacheLimits limits;
    private final LayerStore layers;
    private final Repository repository;
    private final Digest digest;
    private final PullListener listener;

    ModelPull(CacheFolder folder, CacheLimits limits, Repository repository, Digest digest, PullListener listener) {
        this.folder = folder;
        this.limits = limits;
        this.layers = new LayerStore(folder, limits);
        this.repository = repository;
        this.digest = digest;
        this.listener = listener;
    }

    CachedModel run() throws IOException {
        FetchedManifest fetched = repository.manifest(digest);
        ModelArtifact model = ModelReader.read(repository, fetched);
        // A manifest may name a blob twice.
        List<Descriptor> wanted = model.manifest().layers().stream().distinct().toList();
        try (var _ = folder.lockRemoval()) {
            DurableFiles.write(folder.claim(digest), fetched.bytes());
        }
        checkRoom(wanted);
        Map<Digest, LayerRecord> records = pullLayers(wanted);
        Path staging = folder.staging("model-" + digest.hex());
        DurableFiles.deleteTree(staging);
        try {
            ModelRecord record = assemble(model, wanted, records, staging);
            Repository evidence = new Repositories(RegistryOptions.defaults())
                    .open(Reference.ofLayout(staging.resolve(ModelRecord.EVIDENCE)));
            new Evidence(repository, evidence).copy(fetched);
            DiffIds.of(evidence, model.manifest()).check(records);
            DurableFiles.write(staging.resolve(ModelRecord.NAME), record.toBytes());
            DurableFiles.forceFolders(staging);
            Path place = folder.model(digest);
            DurableFiles.deleteTree(place);
            DurableFiles.move(staging, place);
            Files.deleteIfExists(folder.claim(digest));
            return record.cached(digest, place);
        } finally {
            DurableFiles.deleteTree(staging);
        }
    }

    /** Peak use: every new layer unpacked, and the compressed blobs of those that are being unpacked at the time. */
    private void checkRoom(List<Descriptor> wanted) throws IOException {
        List<Descriptor> missing = wanted.stream()
                .filter(layer -> layers.find(layer).isEmpty())
                .sorted(Comparator.comparingLong(Descriptor::size).reversed())
                .toList();
        long unpacked = missing.stream().mapToLong(Descriptor::size).reduce(0, Math::addExact);
        long inFlight = missing.stream()
                .filter(layer -> LayerEncoding.of(layer.mediaType()).compressed())
                .limit(limits.parallelLayers())
                .mapToLong(Descriptor::size)
                .sum();
        long partials = 0;
        for (Descriptor layer : missing) {
            Path partial = folder.partial(layer.digest());
            partials += Files.exists(partial) ? Files.size(partial) : 0;
        }
        long needed = Math.max(0, unpacked + inFlight - partials);
        long free = Files.getFileStore(folder.root()).getUsableSpace() - limits.keepFreeBytes();
        if (needed > free) {
            throw new DiskFull(
                    "Pulling " + repository.reference().withDigest(digest) + " needs " + mib(needed) + " MiB in "
                            + folder.root() + ", but only " + mib(Math.max(0, free)) + " MiB may be used ("
                            + mib(limits.keepFreeBytes()) + " MiB are to stay free); remove models or free some",
                    null);
        }
    }

    private static long mib(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }

    private Map<Digest, LayerRecord> pullLayers(List<Descriptor> wanted) {
        var progress = new PullProgress(listener, wanted);
        record Done(Digest layer, LayerRecord record) {}
        Map<Digest, LayerRecord> records = new LinkedHashMap<>();
        // One layer at a time is one in every respect. Otherwise those that have arrived are brought to the disk beside
        // each other: a file system syncs many files with one commit of its journal if it is asked for them at the
        // same time. No virtual threads: at its exit the JVM waits 0.3 s for what polls sockets on their behalf.
        int threads = limits.parallelLayers() == 1 ? 1 : limits.parallelLayers() + SETTLING;
        var pool = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("pull-", 0).daemon().factory());
        try (var line = SharedLine.of(limits.parallelLayers(), progress);
                pool) {
            var tasks = new ExecutorCompletionService<Done>(pool);
            for (Descriptor layer : wanted) {
                tasks.submit(() -> new Done(layer.digest(), layers.ensure(repository, layer, line)));
            }
            try {
                for (int i = 0; i < wanted.size(); i++) {
                    Done done = tasks.take().get();
                    records.put(done.layer(), done.record());
                }
            } catch (InterruptedException e) {
                pool.shutdownNow();
                Thread.currentThread().interrupt();
                throw new RegistryUnavailable(
                        "Pulling " + digest + " was interrupted; it goes on from there next time", e);
            } catch (ExecutionException e) {
                // The first failure decides; what the others have so far stays for the next pull.
                pool.shutdownNow();
                throw unwrapped(e);
            }
        }
        progress.finished();
        return records;
    }

    private static RuntimeException unwrapped(ExecutionException e) {
        return switch (e.getCause()) {
            case ArtifactException artifact -> artifact;
            case RuntimeException runtime -> runtime;
            case Error error -> throw error;
            case null, default -> new IllegalStateException(e.getCause());
        };
    }

    private ModelRecord assemble(
            ModelArtifact model, List<Descriptor> wanted, Map<Digest, LayerRecord> records, Path staging)
            throws IOException {
        Path files = Files.createDirectories(staging.resolve(LayerUnpacker.FILES));
        boolean image = !model.manifest().config().mediaType().equals(MediaTypes.MODEL_CONFIG);
        Map<String, ModelRecord.Entry> entries = new LinkedHashMap<>();
        for (Descriptor layer : wanted) {
            Path from = folder.layer(layer.digest()).resolve(LayerUnpacker.FILES);
            boolean weight = isWeight(layer);
            for (FileRecord file : records.get(layer.digest()).files()) {
                String path = LayerEncoding.of(layer.mediaType()) == LayerEncoding.RAW
                        ? LayerUnpacker.rawPath(layer)
                        : file.path();
                var entry = new ModelRecord.Entry(new CachedFile(path, file.size(), weight), layer.digest());
                // In an image a later layer replaces a file; in a model two layers with one path are a mistake.
                if (entries.put(path, entry) != null && !image) {
                    throw new UnsupportedArtifact("Two layers of " + digest + " hold '" + path
                            + "'; pack the model again with every path once");
                }
                Path to = files.resolve(path);
                Files.createDirectories(to.getParent());
                Files.deleteIfExists(to);
                link(from.resolve(file.path()), to);
            }
        }
        if (entries.isEmpty()) {
            throw new UnsupportedArtifact(
                    repository.reference().withDigest(digest) + " holds no file below models/; pack the model again");
        }
        return new ModelRecord(
                model.metadata(),
                new ArrayList<>(entries.values()),
                wanted.stream().map(Descriptor::digest).toList());
    }

    /** By ModelPack's types; in a plain image everything under models/ but its description. */
    private static boolean isWeight(Descriptor layer) {
        String type = layer.mediaType();
        return type.startsWith(MediaTypes.MODEL_WEIGHT + ".") || !type.startsWith("application/vnd.cncf.model.");
    }

    private static void link(Path from, Path to) throws IOException {
        try {
            Files.createLink(to, from);
        } catch (UnsupportedOperationException | FileSystemException e) {
            // Some file systems cannot link; a copy costs room and nothing else.
            Files.copy(from, to);
        }
    }
}
