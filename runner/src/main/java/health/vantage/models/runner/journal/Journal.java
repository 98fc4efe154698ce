package health.vantage.models.runner.journal;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's memory across crashes and power cuts: one JSON file per model, replaced as a whole, and a copy of it. A write has reached
 * the disk when it returns, and a cut in the middle leaves the old file. The copy is for disks that lie about that: where the file is
 * damaged, a node that is offline would have nobody to ask what it served.
 */
public final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final String SUFFIX = ".json";
    private static final String COPY = ".copy";
    private static final long MAX_FILE_BYTES = 256 * 1024;

    private final Path folder;
    private final Map<String, JournalEntry> entries = new ConcurrentSkipListMap<>();

    private Journal(Path folder) {
        this.folder = folder;
    }

    /**
     * Reads every entry. One that cannot be read is set aside as {@code <name>.json.unreadable}, and its copy counts; where that is
     * damaged as well, the other models must serve all the same.
     *
     * @throws UncheckedIOException when the folder itself cannot be used
     */
    public static Journal open(Path folder) {
        Journal journal = new Journal(folder);
        try {
            Files.createDirectories(folder);
            List<Path> files;
            try (Stream<Path> listed = Files.list(folder)) {
                files = listed.filter(file -> file.toString().endsWith(SUFFIX))
                        .sorted()
                        .toList();
            }
            for (Path file : files) {
                journal.read(file);
            }
            return journal;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the journal folder " + folder + ": " + e, e);
        }
    }

    private void read(Path file) throws IOException {
        try {
            JournalEntry entry = parse(file, file);
            entries.put(entry.model(), entry);
        } catch (IOException | IllegalArgumentException e) {
            if (!readCopy(file, e)) {
                Files.move(
                        file,
                        file.resolveSibling(file.getFileName() + ".unreadable"),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private boolean readCopy(Path file, Exception damage) {
        JournalEntry entry;
        try {
            entry = parse(copyOf(file), file);
        } catch (IOException | IllegalArgumentException e) {
            LOG.error(
                    "journal {} cannot be read and is set aside, nor can its copy; its model waits for the operator: {}; {}",
                    file,
                    damage.toString(),
                    e.toString());
            return false;
        }
        LOG.error("journal {} cannot be read; its copy counts: {}", file, damage.toString());
        entries.put(entry.model(), entry);
        try {
            replace(file, JSON.writeValueAsBytes(entry));
        } catch (IOException e) {
            // The damaged file stays, so that the next start comes to the copy again.
            LOG.error("journal {} cannot be mended: {}", file, e.toString());
        }
        return true;
    }

    private JournalEntry parse(Path from, Path named) throws IOException {
        if (Files.size(from) > MAX_FILE_BYTES) {
            throw new IOException("more than " + MAX_FILE_BYTES + " bytes");
        }
        JournalEntry entry = JSON.readValue(from.toFile(), JournalEntry.class);
        if (!fileOf(entry.model()).equals(named)) {
            throw new IOException("it speaks of model \"" + entry.model() + "\"");
        }
        return entry;
    }

    public Optional<JournalEntry> find(String model) {
        return Optional.ofNullable(entries.get(model));
    }

    public Collection<JournalEntry> all() {
        return List.copyOf(entries.values());
    }

    /** Replaces the entry of its model; on the disk when this returns. @throws UncheckedIOException when it cannot be written */
    public void put(JournalEntry entry) {
        Path file = fileOf(entry.model());
        byte[] bytes;
        try {
            bytes = JSON.writeValueAsBytes(entry);
            replace(file, bytes);
            entries.put(entry.model(), entry);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the journal " + file + ": " + e, e);
        }
        try {
            replace(copyOf(file), bytes);
        } catch (IOException e) {
            LOG.warn("the copy of journal {} cannot be written: {}", file, e.toString());
            dropCopy(file);
        }
    }

    private void replace(Path file, byte[] bytes) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        syncFolder();
    }

    /** An old copy is worse than none: it may not know yet which version failed. */
    private static void dropCopy(Path file) {
        try {
            Files.deleteIfExists(copyOf(file));
        } catch (IOException e) {
            LOG.warn("the old copy of journal {} cannot be removed: {}", file, e.toString());
        }
    }

    /** Forgets a model that this node no longer has. */
    public void remove(String model) {
        try {
            Files.deleteIfExists(copyOf(fileOf(model)));
            Files.deleteIfExists(fileOf(model));
            syncFolder();
            entries.remove(model);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the journal of " + model + ": " + e, e);
        }
    }

    private static Path copyOf(Path file) {
        return file.resolveSibling(file.getFileName() + COPY);
    }

    /** A rename is only safe from a power cut when the folder itself is on the disk. */
    private void syncFolder() throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Path fileOf(String model) {
        if (model == null || !NAME.matcher(model).matches()) {
            throw new IllegalArgumentException(
                    "\"" + model + "\" is no model name: lower-case letters, digits, '-' and '.', at most 253");
        }
        return folder.resolve(model + SUFFIX);
    }
}
