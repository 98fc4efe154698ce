package health.vantage.models.artifact.cache;

import java.io.Closeable;
import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;

/** What the layers of one pull share: so many of them move at a time, and one thread writes them. */
record SharedLine(Semaphore turns, DiskWriter writer, PullProgress progress) implements Closeable {
    static SharedLine of(int layersAtATime, PullProgress progress) {
        return new SharedLine(new Semaphore(layersAtATime), new DiskWriter(layersAtATime), progress);
    }

    /** Ends a turn; unlike {@link Closeable}, without an error. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /** Waits until this layer may move. */
    Turn turn() throws InterruptedIOException {
        try {
            turns.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("waiting for the other layers was interrupted");
        }
        return turns::release;
    }

    @Override
    public void close() {
        writer.close();
    }
}
