package health.vantage.models.runner.grpc;

import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * A request as it comes from the network: read already where that took no time, else still in the network's buffers. Its methods are called one
 * after the other.
 */
final class Arriving<M extends MessageLite> implements AutoCloseable {
    private final SplitMarshaller<M> marshaller;
    private InputStream unread;
    private Split<M> read;

    private Arriving(SplitMarshaller<M> marshaller, InputStream unread, Split<M> read) {
        this.marshaller = marshaller;
        this.unread = unread;
        this.read = read;
    }

    static <M extends MessageLite> Arriving<M> read(SplitMarshaller<M> marshaller, Split<M> read) {
        return new Arriving<>(marshaller, null, read);
    }

    /** @param unread becomes this one's, to be closed */
    static <M extends MessageLite> Arriving<M> unread(SplitMarshaller<M> marshaller, InputStream unread) {
        return new Arriving<>(marshaller, unread, null);
    }

    boolean isRead() {
        return read != null;
    }

    /**
     * Copies what is unread into the pool's memory.
     *
     * @throws io.grpc.StatusRuntimeException when it is not well-formed
     */
    Split<M> read() {
        if (read == null) {
            try {
                read = marshaller.read(unread);
            } finally {
                giveBack();
            }
        }
        return read;
    }

    private void giveBack() {
        InputStream stream = unread;
        unread = null;
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException e) {
                throw new UncheckedIOException("the network's buffers cannot be given back", e);
            }
        }
    }

    /** Frees what nobody took. */
    @Override
    public void close() {
        giveBack();
        if (read != null) {
            read.close();
        }
    }
}
