package health.vantage.models.runner.bench;

import java.io.IOException;

/** How callers reach the server. */
interface Way extends AutoCloseable {
    /** As figures name it: {@code tcp}, {@code uds}, {@code shm}. */
    String name();

    /** Whether it is measured with this case. */
    default boolean takes(Case one) {
        return true;
    }

    /** One caller, ready to send the same request again and again. */
    Caller caller(Case one) throws IOException;

    /** Its request fails where the answer is not what was asked for. */
    interface Caller extends Load.Request, AutoCloseable {
        @Override
        default void close() throws IOException {}
    }

    @Override
    void close();
}
