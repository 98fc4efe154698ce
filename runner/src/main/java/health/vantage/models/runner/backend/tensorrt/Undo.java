package health.vantage.models.runner.backend.tensorrt;

import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.Owned;
import java.util.ArrayDeque;
import java.util.Deque;

/** What was made, to be given back in the reverse order, each once. */
final class Undo implements AutoCloseable {
    private final Deque<Owned> made = new ArrayDeque<>();

    <T extends Owned> T keep(T one) {
        made.push(one);
        return one;
    }

    /** Now, out of turn. */
    void giveBack(Owned one) {
        if (made.remove(one)) {
            one.close();
        }
    }

    @Override
    public void close() {
        while (!made.isEmpty()) {
            made.pop().close();
        }
    }
}
