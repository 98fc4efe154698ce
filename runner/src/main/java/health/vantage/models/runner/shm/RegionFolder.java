package health.vantage.models.runner.shm;

import health.vantage.models.runner.shm.SharedMemoryException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.Set;

/**
 * The folder below which clients' memory lies, such as {@code /dev/shm} or {@code /dev/shm/vantage}. Every step from it to the file is
 * opened relative to the one before and without following links, so that nobody can lead the way outside, not even by renaming
 * something meanwhile.
 */
final class RegionFolder {
    private static final int MAX_KEY = 255;
    private static final Set<OpenOption> READ_WRITE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private final Path folder;

    RegionFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Opens what a key names.
     *
     * @param key as in {@code shm_open}, with or without its leading slash: {@code /scan-1}; folders are allowed: {@code /clinic/scan-1}
     * @throws SharedMemoryException when there is no such file, or it lies outside
     */
    FileChannel open(String key) throws SharedMemoryException {
        Path relative = relative(key);
        try (DirectoryStream<Path> top = Files.newDirectoryStream(folder)) {
            return open(secure(top), relative, key);
        } catch (NoSuchFileException e) {
            throw invalid(key, "no such file below " + folder, e);
        } catch (IOException e) {
            // Linux says "Too many levels of symbolic links" for a link that was not to be followed.
            throw invalid(key, e instanceof FileSystemLoopException ? "links are not followed" : e.getMessage(), e);
        }
    }

    private Path relative(String key) throws SharedMemoryException {
        String name = key.startsWith("/") ? key.substring(1) : key;
        if (name.isEmpty() || name.length() > MAX_KEY || name.indexOf('\0') >= 0) {
            throw invalid(key, "a key has 1 to " + MAX_KEY + " characters", null);
        }
        Path relative = Path.of(name);
        for (Path part : relative) {
            String text = part.toString();
            if (relative.isAbsolute() || text.isEmpty() || text.equals(".") || text.equals("..")) {
                throw invalid(key, "a key leads down from " + folder + ", without \"..\"", null);
            }
        }
        return relative;
    }

    private static FileChannel open(SecureDirectoryStream<Path> folder, Path relative, String key)
            throws IOException, SharedMemoryException {
        if (relative.getNameCount() > 1) {
            try (SecureDirectoryStream<Path> next =
                    folder.newDirectoryStream(relative.getName(0), LinkOption.NOFOLLOW_LINKS)) {
                return open(next, relative.subpath(1, relative.getNameCount()), key);
            }
        }
        boolean regular = folder.getFileAttributeView(relative, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes()
                .isRegularFile();
        if (!regular) {
            throw invalid(key, "it is no regular file, and links are not followed", null);
        }
        SeekableByteChannel channel = folder.newByteChannel(relative, READ_WRITE);
        if (channel instanceof FileChannel file) {
            return file;
        }
        channel.close();
        throw invalid(key, "this platform cannot map it", null);
    }

    private SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws SharedMemoryException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        throw new SharedMemoryException(
                Kind.INVALID, "shared memory: " + folder + " cannot be walked safely on this platform; use Linux");
    }

    private static SharedMemoryException invalid(String key, String why, Throwable cause) {
        return new SharedMemoryException(Kind.INVALID, "shared memory key \"" + key + "\": " + why, cause);
    }
}
