package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Passes bytes on and fails at the end if they are not what the descriptor says. */
public final class VerifyingInputStream extends FilterInputStream {
    private final Descriptor expected;
    private final String what;
    private final MessageDigest hash = Digest.sha256();
    private long count;
    private boolean ended;

    /** @param what begins the error's sentence, such as "The blob" */
    public VerifyingInputStream(InputStream in, Descriptor expected, String what) {
        super(in);
        this.expected = expected;
        this.what = what;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = in.read(buffer, offset, length);
        if (n < 0) {
            atEnd();
            return -1;
        }
        count += n;
        if (count > expected.size()) {
            throw new IntegrityMismatch(what + " " + expected.digest() + " is longer than the " + expected.size()
                    + " bytes it should have");
        }
        hash.update(buffer, offset, n);
        return n;
    }

    private void atEnd() {
        if (ended) {
            return;
        }
        ended = true;
        if (count != expected.size()) {
            throw new IntegrityMismatch(what + " " + expected.digest() + " has " + count + " bytes, not "
                    + expected.size() + "; it was cut off");
        }
        Digest actual = Digest.finish(hash);
        if (!actual.equals(expected.digest())) {
            throw new IntegrityMismatch(what + " has the digest " + actual + ", not " + expected.digest()
                    + "; it was damaged or exchanged");
        }
    }

    @Override
    public long skip(long n) throws IOException {
        throw new IOException("Bytes that are not read cannot be verified");
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
