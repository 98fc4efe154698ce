package health.vantage.models.runner.access;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that are read again when their contents change. What is bad is refused and the last good stays: a certificate that was renewed
 * wrongly must not end the service. Contents are compared, not times: a Kubernetes Secret is swapped by a symbolic link, and a clock may
 * jump.
 */
final class WatchedFiles {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFiles.class);
    private static final int MAX_BYTES = 1 << 20;

    private final String what;
    private final List<Path> files;
    private final Use use;
    private final ReloadMetrics metrics;
    private byte[] seen = {};
    private String complaint = "";

    /** @param what in plural, for logs and metrics, such as {@code tokens} */
    WatchedFiles(String what, List<Path> files, Use use, ReloadMetrics metrics) {
        this.what = what;
        this.files = List.copyOf(files);
        this.use = use;
        this.metrics = metrics;
    }

    /** Takes the contents over, or throws and changes nothing. */
    interface Use {
        /** @throws IllegalArgumentException too, with a sentence; no message may hold a secret */
        void take(List<byte[]> contents) throws GeneralSecurityException;
    }

    /** @throws IllegalArgumentException when they cannot be used: a start needs good ones */
    void first() {
        try {
            take(read());
            metrics.taken(what);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException("the " + what + " cannot be used: " + files + ": " + reason(e), e);
        }
    }

    /** Reads them again where they changed. */
    void again() {
        try {
            List<byte[]> contents = read();
            if (Arrays.equals(digest(contents), seen)) {
                // Changed and changed back: what is in use is what is there.
                cleared();
                return;
            }
            take(contents);
            metrics.taken(what);
            complaint = "";
            LOG.info("the {} changed and are in use: {}", what, files);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            complain(reason(e));
        }
    }

    private void cleared() {
        if (!complaint.isEmpty()) {
            complaint = "";
            metrics.cleared(what);
        }
    }

    private void complain(String reason) {
        if (!reason.equals(complaint)) {
            complaint = reason;
            metrics.refused(what);
            LOG.error("the new {} are refused, the last good ones stay in use: {}: {}", what, files, reason);
        }
    }

    private static String reason(Exception e) {
        return e instanceof IOException ? e.toString() : String.valueOf(e.getMessage());
    }

    private void take(List<byte[]> contents) throws GeneralSecurityException {
        use.take(contents);
        seen = digest(contents);
    }

    private List<byte[]> read() throws IOException {
        List<byte[]> contents = new ArrayList<>();
        for (Path file : files) {
            try (InputStream in = Files.newInputStream(file)) {
                byte[] bytes = in.readNBytes(MAX_BYTES + 1);
                if (bytes.length > MAX_BYTES) {
                    throw new IOException(file + " has more than " + MAX_BYTES + " bytes");
                }
                contents.add(bytes);
            }
        }
        return contents;
    }

    private static byte[] digest(List<byte[]> contents) throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (byte[] one : contents) {
            digest.update(MessageDigest.getInstance("SHA-256").digest(one));
        }
        return digest.digest();
    }
}
