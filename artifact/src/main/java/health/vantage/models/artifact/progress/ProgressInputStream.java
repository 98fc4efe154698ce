package health.vantage.models.artifact.progress;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Tells a listener what was read. */
public final class ProgressInputStream extends FilterInputStream {
    private final ProgressListener listener;
    private final String item;
    private final long total;
    private long done;

    public ProgressInputStream(InputStream in, ProgressListener listener, String item, long total) {
        super(in);
        this.listener = listener;
        this.item = item;
        this.total = total;
        listener.progress(item, 0, total);
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
            done += n;
            listener.progress(item, Math.min(done, total), total);
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
