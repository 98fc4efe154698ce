import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes what {@code hack/bench-runner} measured into {@code docs/performance.md}, between its two markers, and three plots beside it.
 * Reads only the flat JSON; a figure that is not there is a dash in the tables and a gap in the plots.
 */
final class BenchReport {
    private static final String BEGIN = "<!-- runner figures: written by hack/bench-runner -->";
    private static final String END = "<!-- end of runner figures -->";
    private static final List<String> CASES = List.of("det", "cls", "minilm", "out128", "small");
    private static final List<String> WAYS = List.of("tcp", "uds", "shm");
    private static final List<Integer> CALLERS = List.of(1, 2, 8);

    private final Map<String, Double> figures;

    private BenchReport(Map<String, Double> figures) {
        this.figures = figures;
    }

    public static void main(String[] arguments) throws IOException {
        Path docs = Path.of(arguments[1]);
        BenchReport report = new BenchReport(read(Path.of(arguments[0])));
        Path page = docs.resolve("performance.md");
        String text = Files.readString(page);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalStateException(page + " has lost its markers \"" + BEGIN + "\" and \"" + END + "\"");
        }
        Files.writeString(
                page, text.substring(0, begin + BEGIN.length()) + "\n" + report.tables() + text.substring(end));
        Files.writeString(docs.resolve("bench-throughput.svg"), report.throughput());
        Files.writeString(docs.resolve("bench-latency.svg"), report.latency());
        Files.writeString(docs.resolve("bench-start.svg"), report.start());
    }

    private static Map<String, Double> read(Path json) throws IOException {
        Map<String, Double> figures = new TreeMap<>();
        Matcher pairs = Pattern.compile("\"([a-z0-9_]+)\"\\s*:\\s*(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)").matcher(Files.readString(json));
        while (pairs.find()) {
            figures.put(pairs.group(1), Double.valueOf(pairs.group(2)));
        }
        return figures;
    }

    private Optional<Double> figure(String name) {
        return Optional.ofNullable(figures.get(name));
    }

    private String show(String name) {
        return figure(name).map(BenchReport::show).orElse("-");
    }

    /** Three digits that mean something. */
    private static String show(double value) {
        if (value == 0) {
            return "0";
        }
        int digits = (int) Math.clamp(2 - Math.floor(Math.log10(Math.abs(value))), 0, 3);
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }

    private String tables() {
        StringBuilder text = new StringBuilder();
        text.append("\nMeasured on ").append(LocalDate.now(ZoneOffset.UTC)).append(" on ").append(processor())
                .append(", ").append(show("cores")).append(" cores, load average before it ").append(show("load_before"))
                .append("; ").append(show("rounds")).append(" rounds. In process, the slices of det spread by ")
                .append(show("det_inprocess_spread")).append(" of their mean: the machine's own noise.\n\n");
        bars(text);
        text.append("\n![Throughput against ONNX Runtime in the caller's process](bench-throughput.svg)\n\n");
        for (String one : CASES) {
            if (figure(one + "_inprocess_per_s").isPresent()) {
                table(text, one);
            }
        }
        text.append("![Time of one request](bench-latency.svg)\n\n![From exec to ready](bench-start.svg)\n\n");
        starts(text);
        return text.toString();
    }

    private void bars(StringBuilder text) {
        text.append("| bar | measured | aim | |\n|---|---|---|---|\n");
        atLeast(text, "det, gRPC over TCP / in process", "det_grpc_vs_inprocess", 0.9);
        atLeast(text, "128 MiB out, shared memory / in process", "out128_shm_vs_inprocess", 0.9);
        atMost(text, "64 bytes, Unix socket, p50, ms", "small_uds_p50_ms", 0.2);
        plain(text, "the same of grpc-java alone: an echo on its event loop", "small_echo_c1_p50_ms");
        atMost(text, "failed requests over " + show("swap_count") + " swaps, of " + show("swap_requests"), "swap_failed_requests", 0);
        plain(text, "heap bytes per det request (4 MiB of tensors)", "det_heap_bytes_per_request");
        plain(text, "heap bytes per request of 131 MiB of tensors, TCP", "out128_tcp_c1_heap_bytes");
        plain(text, "the same through shared memory", "out128_shm_c1_heap_bytes");
        plain(text, "cls, gRPC over TCP / in process", "cls_grpc_vs_inprocess");
        plain(text, "cls, eight callers over TCP, joined up to eight / one by one", "batching_tcp_vs_alone");
        plain(text, "128 MiB out, gRPC over TCP / in process", "out128_grpc_vs_inprocess");
        plain(text, "det, gRPC over TCP / DJL in the caller's process", "det_vs_djl");
        plain(text, "start to ready, ms, with recorded classes", "ready_ms_aot");
        plain(text, "start to ready, ms, without", "ready_ms_plain");
    }

    private void atLeast(StringBuilder text, String what, String name, double aim) {
        row(text, what, name, "≥ " + show(aim), figure(name).map(value -> value >= aim));
    }

    private void atMost(StringBuilder text, String what, String name, double aim) {
        row(text, what, name, "≤ " + show(aim), figure(name).map(value -> value <= aim));
    }

    private void plain(StringBuilder text, String what, String name) {
        row(text, what, name, "", Optional.empty());
    }

    private void row(StringBuilder text, String what, String name, String aim, Optional<Boolean> met) {
        text.append("| ").append(what).append(" | ").append(show(name)).append(" | ").append(aim).append(" | ")
                .append(met.map(yes -> yes ? "met" : "**not met**").orElse("")).append(" |\n");
    }

    private void table(StringBuilder text, String one) {
        text.append("**").append(one).append("**, the server's memory at most ").append(show(one + "_rss_mib"))
                .append(" MiB:\n\n| | per second | in process = 1 | p50 ms | p99 ms | CPU ms | heap bytes |\n|---|---|---|---|---|---|---|\n");
        line(text, "in process", one + "_inprocess");
        line(text, "DJL in process", one + "_djl_inprocess");
        for (String way : WAYS) {
            for (int callers : CALLERS) {
                line(text, way + ", " + callers + (callers == 1 ? " caller" : " callers"), one + "_" + way + "_c" + callers);
            }
        }
        text.append('\n');
    }

    private void line(StringBuilder text, String what, String prefix) {
        if (figure(prefix + "_per_s").isEmpty()) {
            return;
        }
        text.append("| ").append(what);
        for (String column : List.of("_per_s", "_vs_inprocess", "_p50_ms", "_p99_ms", "_cpu_ms", "_heap_bytes")) {
            text.append(" | ").append(show(prefix + column));
        }
        text.append(" |\n");
    }

    private void starts(StringBuilder text) {
        text.append("| start to ready, ms | as packaged | after `runner prepare` |\n|---|---|---|\n");
        text.append("| one model in the journal | ").append(show("ready_ms_plain")).append(" | ").append(show("ready_ms_aot")).append(" |\n");
        text.append("| empty cache: pulled, tried in a child process, loaded | ").append(show("ready_ms_first_plain"))
                .append(" | ").append(show("ready_ms_first_aot")).append(" |\n");
        text.append("| resident memory then, MiB | ").append(show("ready_rss_mib_plain")).append(" | ").append(show("ready_rss_mib_aot")).append(" |\n\n");
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 2))
                    .findFirst()
                    .orElse("an unnamed processor");
        } catch (IOException e) {
            return "an unknown processor";
        }
    }

    private record Bar(String label, String color, Optional<Double> value) {}

    private record Group(String title, List<Bar> bars) {}

    private static String color(String way) {
        return switch (way) {
            case "tcp" -> "#0f766e";
            case "uds" -> "#5eaaa2";
            case "shm" -> "#b4540a";
            default -> "#8c959f";
        };
    }

    private String throughput() {
        List<Group> groups = new ArrayList<>();
        for (String one : List.of("det", "cls", "minilm", "out128")) {
            List<Bar> bars = new ArrayList<>();
            for (String way : WAYS) {
                bars.add(new Bar(way, color(way), figure(one + "_" + way + "_c2_vs_inprocess")));
            }
            groups.add(new Group(one, bars));
        }
        return plot("Throughput of two callers; ONNX Runtime in the caller's process = 1", groups, Optional.of(1.0));
    }

    private String latency() {
        List<Group> groups = new ArrayList<>();
        for (String way : WAYS) {
            List<Bar> bars = new ArrayList<>();
            for (int callers : CALLERS) {
                bars.add(new Bar(callers + " p50", color(way), figure("small_" + way + "_c" + callers + "_p50_ms")));
            }
            groups.add(new Group(way, bars));
        }
        return plot("64 bytes there and back, median in ms, by number of callers; the line is the aim for one", groups, Optional.of(0.2));
    }

    private String start() {
        List<Group> groups = new ArrayList<>();
        groups.add(new Group("one model in the journal", List.of(
                new Bar("packaged", color(""), figure("ready_ms_plain")), new Bar("prepared", color("tcp"), figure("ready_ms_aot")))));
        groups.add(new Group("empty cache", List.of(
                new Bar("packaged", color(""), figure("ready_ms_first_plain")), new Bar("prepared", color("tcp"), figure("ready_ms_first_aot")))));
        return plot("From exec to ready, ms", groups, Optional.empty());
    }

    private static String plot(String title, List<Group> groups, Optional<Double> line) {
        int width = 760;
        int height = 300;
        int base = 240;
        int top = 56;
        double most = groups.stream().flatMap(group -> group.bars().stream()).flatMap(bar -> bar.value().stream())
                .mapToDouble(Double::doubleValue).max().orElse(1);
        most = Math.max(most, line.orElse(0.0)) * 1.08;
        StringBuilder svg = new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + width + " " + height
                + "\" role=\"img\" font-family=\"-apple-system,'Segoe UI',Helvetica,Arial,sans-serif\" font-size=\"12\">\n"
                + "<title>" + title + "</title>\n<rect width=\"" + width + "\" height=\"" + height + "\" fill=\"#fff\"/>\n"
                + "<text x=\"20\" y=\"28\" font-size=\"15\" font-weight=\"600\" fill=\"#1f2328\">" + title + "</text>\n");
        double groupWidth = (width - 40.0) / groups.size();
        for (int g = 0; g < groups.size(); g++) {
            Group group = groups.get(g);
            double left = 20 + g * groupWidth;
            double barWidth = Math.min(64, (groupWidth - 24) / group.bars().size());
            double at = left + (groupWidth - barWidth * group.bars().size()) / 2;
            for (Bar bar : group.bars()) {
                double tall = bar.value().map(value -> value).orElse(0.0) / most * (base - top);
                svg.append(String.format(Locale.ROOT,
                        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n"
                                + "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" fill=\"#1f2328\">%s</text>\n"
                                + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#59636e\">%s</text>\n",
                        at + 3, base - tall, barWidth - 6, tall, bar.color(),
                        at + barWidth / 2, base - tall - 5, bar.value().map(BenchReport::show).orElse("-"),
                        at + barWidth / 2, base + 17, bar.label()));
                at += barWidth;
            }
            svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" font-weight=\"600\" fill=\"#1f2328\">%s</text>\n",
                    left + groupWidth / 2, base + 40, group.title()));
        }
        double scale = most;
        line.ifPresent(value -> svg.append(String.format(Locale.ROOT,
                "<line x1=\"20\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#8c959f\" stroke-dasharray=\"5 4\"/>\n",
                width - 20, base - value / scale * (base - top), base - value / scale * (base - top))));
        svg.append("<line x1=\"20\" x2=\"" + (width - 20) + "\" y1=\"" + base + "\" y2=\"" + base + "\" stroke=\"#d0d7de\"/>\n</svg>\n");
        return svg.toString();
    }
}
