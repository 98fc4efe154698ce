package health.vantage.models.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** What a command did, one line each, for people; printed at the end or not at all. */
final class Lines {
    private final List<String> lines = new ArrayList<>();

    void add(String line) {
        lines.add(line);
    }

    void print(PrintWriter out) {
        lines.forEach(out::println);
        out.flush();
    }
}
