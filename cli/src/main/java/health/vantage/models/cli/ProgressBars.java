package health.vantage.models.cli;

import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.progress.ProgressListener;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Bars on a terminal for what takes longer than a second: one for each file that is moving, and one for all together. They
 * vanish when the work is done.
 */
final class ProgressBars implements ProgressListener, PullListener, AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int MOST_LINES = 4;
    private static final int NAME_WIDTH = 30;
    private static final int BAR_WIDTH = 20;

    private record Item(long done, long total) {
        boolean moving() {
            return done > 0 && done < total;
        }
    }

    private final PrintWriter terminal;
    private final LongSupplier nanos;
    private final Map<String, Item> items = new LinkedHashMap<>();
    private long next;
    private int lines;
    private boolean closed;
    /** What was there before the first bar, some of it from an earlier run, says nothing of the speed. */
    private long doneAtFirst = -1;

    private long first;

    /** @param nanos the clock, as {@link System#nanoTime} */
    ProgressBars(PrintWriter terminal, LongSupplier nanos) {
        this.terminal = terminal;
        this.nanos = nanos;
        this.next = nanos.getAsLong() + PATIENCE_NANOS;
    }

    @Override
    public synchronized void progress(String item, long doneBytes, long totalBytes) {
        items.put(item, new Item(doneBytes, totalBytes));
        long now = nanos.getAsLong();
        // Whoever is late must not draw over what comes next.
        if (!closed && now - next >= 0) {
            next = now + PERIOD_NANOS;
            draw(now);
        }
    }

    /** A pull's sum: its layers tell more. */
    @Override
    public void progress(long doneBytes, long totalBytes) {}

    @Override
    public ProgressListener layers() {
        return this;
    }

    private void draw(long now) {
        long done = items.values().stream().mapToLong(Item::done).sum();
        long total = items.values().stream().mapToLong(Item::total).sum();
        if (doneAtFirst < 0) {
            doneAtFirst = done;
            first = now;
        }
        var text = new StringBuilder(up());
        List<Map.Entry<String, Item>> moving = items.entrySet().stream()
                .filter(entry -> entry.getValue().moving())
                .limit(MOST_LINES)
                .toList();
        for (Map.Entry<String, Item> entry : moving) {
            Item item = entry.getValue();
            text.append(line(entry.getKey(), item.done(), item.total(), Bytes.of(item.total())));
        }
        text.append(line("total", done, total, Bytes.of(total) + speed(now, done, total)));
        lines = moving.size() + 1;
        terminal.print(text);
        terminal.flush();
    }

    /** Back to the first line, and everything from there cleared. */
    private String up() {
        return lines == 0 ? "" : "\u001b[" + lines + "A\r\u001b[J";
    }

    private static String line(String name, long done, long total, String end) {
        int length = name.length();
        String shown = length <= NAME_WIDTH ? name : "..." + name.substring(length - NAME_WIDTH + 3);
        double share = total == 0 ? 1 : (double) done / total;
        int full = (int) Math.round(share * BAR_WIDTH);
        return String.format(
                Locale.ROOT,
                "%-" + NAME_WIDTH + "s [%s%s] %3d %% %s%n",
                shown,
                "=".repeat(full),
                " ".repeat(BAR_WIDTH - full),
                (int) (share * 100),
                end);
    }

    private String speed(long now, long done, long total) {
        double perSecond = (done - doneAtFirst) / Math.max(1e-9, (now - first) / 1e9);
        // The first drawing knows no speed yet.
        if (now == first || perSecond < 1) {
            return "";
        }
        long left = (long) ((total - done) / perSecond);
        return ", " + Bytes.of((long) perSecond) + "/s" + (left > 0 ? ", " + duration(left) + " left" : "");
    }

    private static String duration(long seconds) {
        return seconds < 100 ? seconds + " s" : seconds < 6000 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }

    @Override
    public synchronized void close() {
        terminal.print(up());
        terminal.flush();
        closed = true;
    }
}
