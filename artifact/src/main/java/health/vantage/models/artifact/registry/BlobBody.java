package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.registry.HttpExchange.Answer;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The body of a blob's answer from an offset on. Ends with an {@link EOFException} if the connection ended early: the
 * JDK's own stream just ends, and a cut-off file would look whole.
 */
final class BlobBody extends FilterInputStream {
    private static final Pattern CONTENT_RANGE =
            Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/(?:[0-9]{1,18}|\\*)");

    private final Answer answer;
    private long left;

    private BlobBody(Answer answer, InputStream in, long left) {
        super(in);
        this.answer = answer;
        this.left = left;
    }

    static InputStream from(Answer answer, long offset, long size) throws IOException {
        InputStream in = answer.body();
        if (answer.status() == 206) {
            Matcher range = CONTENT_RANGE.matcher(answer.header("Content-Range").orElse(""));
            if (!range.matches() || Long.parseLong(range.group(1)) != offset) {
                throw new IOException("asked for bytes from " + offset + ", got another range");
            }
        } else if (offset > 0) {
            // The server does not do ranges (RFC 9110 allows that): the bytes we have come again.
            in.skipNBytes(offset);
        }
        long expected = size - offset;
        long announced = answer.status() == 206 || offset == 0 ? answer.contentLength() : -1;
        if (announced > expected) {
            answer.close();
            throw new IntegrityMismatch("The registry announces " + (announced + offset) + " bytes for a blob of "
                    + size + " bytes; it holds something else under this digest");
        }
        return new BlobBody(answer, in, expected);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = in.read(buffer, offset, length);
        if (n < 0 && left > 0) {
            throw new EOFException("the connection ended " + left + " bytes early");
        }
        left -= Math.max(n, 0);
        return n;
    }

    @Override
    public void close() {
        answer.close();
    }
}
