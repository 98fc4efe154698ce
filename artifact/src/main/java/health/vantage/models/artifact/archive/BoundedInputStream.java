package health.vantage.models.artifact.archive;

import health.vantage.models.artifact.ArtifactException.InsecureArchive;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Ends a decompression bomb: fails as soon as more comes out than may. */
public final class BoundedInputStream extends FilterInputStream {
    private final long most;
    private final String where;
    private long count;

    /** @param where begins the error's sentence */
    public BoundedInputStream(InputStream in, long most, String where) {
        super(in);
        this.most = most;
        this.where = where;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = in.read(buffer, offset, length);
        count += Math.max(n, 0);
        if (count > most) {
            throw new InsecureArchive(where + " unpacks to more than " + most
                    + " bytes, the most that its size allows; it may be made to fill the disk");
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
}
