package health.vantage.models.system.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import health.vantage.models.api.ModelNode;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.samples.ModelFolder;
import health.vantage.models.system.harness.Await;
import health.vantage.models.system.harness.NodeShape;
import health.vantage.models.system.world.Project;
import health.vantage.models.system.world.Publisher;
import health.vantage.models.system.world.Publisher.Release;
import health.vantage.models.system.world.SimulatedRunners;
import health.vantage.models.system.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How long a rollout takes, from the changed spec to Ready: to three nodes with real runners and a model of some hundred bytes, and to fleets whose
 * runners answer at once, so that only operator and API server are left. Beside each fleet, in the same run, the rollout of a plain
 * DaemonSet to the same nodes, all at once.
 *
 * <p>Writes medians, in seconds, as one flat JSON object: {@code <row>_total_s}, {@code <row>_<phase>_s}; and what the API server is asked for
 * while nothing happens.
 */
public final class RolloutBench {
    private static final List<Integer> FLEETS = List.of(3, 30, 300);
    private static final List<String> VERSIONS = List.of("1.0.0", "1.1.0");
    private static final long LENGTH = 8;
    private static final Duration READY = Duration.ofMinutes(5);
    private static final Duration REST = Duration.ofMinutes(1);

    private final World world;
    private final int rounds;
    private final Map<String, Double> figures = new TreeMap<>();

    private RolloutBench(World world, int rounds) {
        this.world = world;
        this.rounds = rounds;
    }

    /** @param arguments the file to write, and how many rollouts make a median */
    public static void main(String[] arguments) {
        int rounds = rounds(arguments[1]);
        int status = 1;
        try (World world = World.start()) {
            var bench = new RolloutBench(world, rounds);
            bench.run();
            bench.write(Path.of(arguments[0]));
            status = 0;
        } catch (RuntimeException | IOException e) {
            e.printStackTrace();
        }
        // HTTP clients of the libraries keep threads.
        System.exit(status);
    }

    private static int rounds(String text) {
        if (!text.matches("[1-9][0-9]{0,2}")) {
            System.err.println("bench-rollout: ROUNDS is '" + text + "'; give a number from 1 to 999");
            System.exit(1);
        }
        return Integer.parseInt(text);
    }

    private void run() {
        var nodes = world.cluster().nodes();
        nodes.create("clinic-a", NodeShape.jetson());
        nodes.create("clinic-b", NodeShape.jetson());
        nodes.create("workstation", NodeShape.rtx());
        world.install(Map.of("tiers.dgx.enabled", "true", "requireSignatures", "false"));
        awaitNodes(3);
        release();
        measure("real_3", 3, "jetson", "rtx");

        int made = 0;
        try (var runners = SimulatedRunners.on(world.client(), "fleet")) {
            for (int size : FLEETS) {
                nodes.fleet(
                        "fleet-%03d".formatted(size),
                        size - made,
                        NodeShape.dgx().withSimulatedPods());
                made = size;
                awaitNodes(3 + size);
                measure("fleet_" + size, size, "dgx");
                measurePlain(size);
            }
            if (!runners.failures().isEmpty()) {
                throw new IllegalStateException("simulated runners could not report: " + runners.failures());
            }
        }
    }

    private void awaitNodes(int count) {
        Await.until(
                count + " nodes have reported",
                READY,
                () -> world.client().resources(ModelNode.class).list().getItems().stream()
                                .filter(node -> node.getStatus() != null
                                        && node.getStatus().runner() != null)
                                .count()
                        == count,
                () -> "");
    }

    private void release() {
        var publisher = new Publisher(world.registry().host() + "/bench/tiny", Publisher.newKey());
        for (int i = 0; i < VERSIONS.size(); i++) {
            Path files = ModelFolder.write(
                            world.cluster().folder().resolve("bench-" + i), OnnxModels.scale(i + 1, 1, LENGTH))
                    .root();
            publisher.releaseUnsigned(
                    Release.of(VERSIONS.get(i), "jetson", "rtx", "dgx")
                            .withVramGB(0.1)
                            .withShapes(List.of(1L, LENGTH), List.of(1L, LENGTH)),
                    files);
        }
    }

    private void measure(String row, int nodes, String... tiers) {
        var times = new ArrayList<Map<String, Double>>();
        try (var deployment = new MeasuredDeployment(world, row.replace('_', '-'), VERSIONS.getFirst(), nodes, tiers)) {
            for (int round = 1; round <= rounds; round++) {
                times.add(deployment.rollOut(VERSIONS.get(round % VERSIONS.size())));
            }
            if (row.startsWith("real")) {
                measureRest(row);
            }
        }
        times.stream()
                .flatMap(round -> round.entrySet().stream())
                .collect(Collectors.groupingBy(
                        Map.Entry::getKey, Collectors.mapping(Map.Entry::getValue, Collectors.toList())))
                .forEach((phase, seconds) -> put(row + "_" + phase + "_s", median(seconds)));
    }

    /** A minute in which nothing happens, after one in which the last reports came in. */
    private void measureRest(String row) {
        sleep(REST);
        ApiRequests before = ApiRequests.until(world.client());
        sleep(REST);
        ApiRequests minute = ApiRequests.until(world.client()).since(before);
        put(row + "_rest_requests_per_minute", minute.ofOurs());
        put(row + "_rest_lease_requests_per_minute", minute.forLeases());
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while nothing happened", e);
        }
    }

    private void measurePlain(int size) {
        try (var plain = new PlainDaemonSet(world.client(), "fleet-" + size, size)) {
            double seconds = median(
                    IntStream.range(0, rounds).mapToObj(_ -> plain.rollOut()).toList());
            put("daemonset_" + size + "_total_s", seconds);
            put("fleet_" + size + "_vs_daemonset", figures.get("fleet_" + size + "_total_s") / seconds);
        }
    }

    private void put(String name, double value) {
        figures.put(name, Math.round(value * 1000) / 1000.0);
        System.out.printf("%-28s %8.3f%n", name, value);
    }

    private static double median(List<Double> values) {
        return values.stream().sorted(Comparator.naturalOrder()).toList().get(values.size() / 2);
    }

    private void write(Path file) throws IOException {
        figures.put("rounds", (double) rounds);
        Path here = Project.root().resolve(file);
        Files.createDirectories(here.getParent());
        Files.writeString(
                here,
                new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(figures) + "\n");
    }
}
