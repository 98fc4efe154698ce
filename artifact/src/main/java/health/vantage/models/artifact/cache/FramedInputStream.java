package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.Digest;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Hashes a tar while it is read, and keeps what is read of it between its files. */
final class FramedInputStream extends FilterInputStream {
    /** A tar of many small files, or one from which most is skipped, is mostly framing: not worth keeping. */
    private static final int LARGEST = 1 << 20;

    private final MessageDigest hash = Digest.sha256();
    private final List<Framing.Piece> pieces = new ArrayList<>();
    private ByteArrayOutputStream framing = new ByteArrayOutputStream();
    private long kept;
    private boolean inFile;
    private boolean tooLarge;

    FramedInputStream(InputStream in) {
        super(in);
    }

    void fileBegins() {
        pieces.add(Framing.Piece.of(framing.toByteArray()));
        framing = new ByteArrayOutputStream();
        inFile = true;
    }

    void fileEnds() {
        inFile = false;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = in.read(buffer, offset, length);
        if (n > 0) {
            hash.update(buffer, offset, n);
            if (!inFile && !tooLarge) {
                kept += n;
                tooLarge = kept > LARGEST;
                framing.write(buffer, offset, tooLarge ? 0 : n);
            }
        }
        return n;
    }

    @Override
    public long skip(long n) throws IOException {
        return n <= 0 ? 0 : Math.max(0, read(new byte[(int) Math.min(n, 8192)]));
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    /** Reads what follows the archive's end and gives the digest of all. */
    Digest finish() throws IOException {
        byte[] buffer = new byte[8192];
        while (read(buffer, 0, buffer.length) >= 0) {
            // Padding, which counts for the digest like everything else.
        }
        pieces.add(Framing.Piece.of(framing.toByteArray()));
        return Digest.finish(hash);
    }

    /** After {@link #finish}; empty if it is too large to keep. */
    Optional<Framing> framing() {
        return tooLarge ? Optional.empty() : Optional.of(new Framing(pieces));
    }
}
