package health.vantage.models.runner.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import health.vantage.models.runner.samples.RealModels;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Callers of a runner in a process of its own, against ONNX Runtime in the callers' process: each slice of a way stands between two of
 * ONNX Runtime alone, so that a machine that drifts slows both. Callers share the cores with the server. Writes {@code name: number}
 * to the file given; what could not be measured is not in it.
 */
public final class RunnerBench {
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 3);
    private static final int THREADS = Runtime.getRuntime().availableProcessors();
    private static final int SWAPS = 1000;

    private final Map<String, Double> figures = new TreeMap<>();
    private final ServerProcess server;
    private final List<Way> ways;

    private RunnerBench(ServerProcess server, List<Way> ways) {
        this.server = server;
        this.ways = ways;
    }

    /** The file to write, and optionally the cases to measure; all without. */
    public static void main(String[] arguments) throws Exception {
        Path work = Files.createTempDirectory("runner-bench");
        List<String> wanted = List.of(arguments).subList(1, arguments.length);
        try (SharedFolder shared = SharedFolder.make();
                ServerProcess server = ServerProcess.start(work, THREADS, shared.path());
                GrpcWay tcp = GrpcWay.tcp(server.port());
                GrpcWay unix = GrpcWay.unix(server.socket());
                EchoWay echo = new EchoWay(Path.of(server.socket() + BenchServer.ECHO))) {
            List<Way> ways = new ArrayList<>(List.of(tcp, unix));
            shared.path().map(folder -> new SharedMemoryWay(folder, unix)).ifPresent(ways::add);
            ways.add(echo);
            RunnerBench bench = new RunnerBench(server, ways);
            bench.warmUp(Case.copies(work));
            bench.figures.put(
                    "load_before", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
            for (Case one : Case.all(RealModels.folder(), work)) {
                if (wanted.isEmpty() || wanted.contains(one.name())) {
                    bench.measure(one);
                }
            }
            if (wanted.isEmpty() || wanted.contains("swap")) {
                new Swaps(server, List.of(tcp, unix)).run(SWAPS, bench.figures);
            }
            bench.summarise();
            bench.write(Path.of(arguments[0]));
        }
    }

    /** Until both processes have compiled what carries large messages: a model of 40 ms does not get there within its own slices. */
    private void warmUp(Case copies) throws Exception {
        server.serve(copies);
        try (Contenders contenders = Contenders.of(copies, ways)) {
            for (List<Way.Caller> callers : contenders.byName().values()) {
                Load.run(callers, copies.slice());
            }
        }
        server.remove(copies);
    }

    private void measure(Case one) throws Exception {
        if (!Files.exists(one.onnx())) {
            System.err.println(one.name() + " is not measured: " + one.onnx() + " is missing");
            return;
        }
        server.serve(one);
        server.forgetPeak();
        // The peer first: it insists on making ONNX Runtime's environment.
        try (PeerOf peer = PeerOf.of(one, THREADS);
                Baseline baseline = new Baseline(one, THREADS);
                Contenders contenders = Contenders.of(one, ways)) {
            List<Load.Request> alone = List.of(baseline::run);
            Load.run(alone, one.slice());
            for (List<Way.Caller> callers : contenders.byName().values()) {
                Load.run(callers, one.slice());
            }
            Series inProcess = new Series();
            Map<String, Series> all = new LinkedHashMap<>();
            Optional<Series> others = peer.request().map(_ -> new Series());
            measureAlone(alone, one, inProcess);
            for (int round = 0; round < ROUNDS; round++) {
                for (var contender : contenders.byName().entrySet()) {
                    measureBetween(
                            contender.getValue(),
                            alone,
                            one,
                            inProcess,
                            all.computeIfAbsent(contender.getKey(), _ -> new Series()));
                }
                if (others.isPresent()) {
                    measureAlone(List.of(peer.request().orElseThrow()), one, others.get());
                    measureAlone(alone, one, inProcess);
                }
            }
            inProcess.write(one.name() + "_inprocess", figures);
            figures.put(one.name() + "_inprocess_spread", inProcess.spread());
            all.forEach((name, series) -> series.write(one.name() + "_" + name, figures));
            others.ifPresent(series -> series.write(one.name() + "_djl_inprocess", figures));
            figures.put(one.name() + "_rss_mib", server.peakMiB());
        }
        server.remove(one);
        System.err.println(one.name() + " is measured");
    }

    private static void measureAlone(List<Load.Request> alone, Case one, Series into) throws Exception {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long before = system.getProcessCpuTime();
        Load.Slice slice = Load.run(alone, one.slice().dividedBy(2));
        into.add(slice, Duration.ofNanos(system.getProcessCpuTime() - before));
    }

    private void measureBetween(
            List<Way.Caller> callers, List<Load.Request> alone, Case one, Series inProcess, Series into)
            throws Exception {
        double before = inProcess.perSecondOfLastSlice();
        long allocated = server.allocated();
        Duration cpu = server.cpu();
        Load.Slice slice = Load.run(callers, one.slice());
        Duration used = server.cpu().minus(cpu);
        long heap = server.allocated() - allocated;
        measureAlone(alone, one, inProcess);
        into.add(slice, used, heap, (before + inProcess.perSecondOfLastSlice()) / 2);
    }

    /** The figures that the bars are about, under the names that do not change. Two callers: one's bytes travel while the other's run. */
    private void summarise() {
        alias("det_grpc_vs_inprocess", "det_tcp_c2_vs_inprocess");
        alias("cls_grpc_vs_inprocess", "cls_tcp_c2_vs_inprocess");
        alias("out128_grpc_vs_inprocess", "out128_tcp_c2_vs_inprocess");
        alias("out128_shm_vs_inprocess", "out128_shm_c2_vs_inprocess");
        alias("small_uds_p50_ms", "small_uds_c1_p50_ms");
        alias("det_heap_bytes_per_request", "det_tcp_c1_heap_bytes");
        for (Way way : ways) {
            String joined = Case.BATCHED + "_" + way.name() + "_c8_vs_inprocess";
            String alone = "cls_" + way.name() + "_c8_vs_inprocess";
            if (figures.containsKey(joined) && figures.containsKey(alone)) {
                figures.put("batching_" + way.name() + "_vs_alone", figures.get(joined) / figures.get(alone));
            }
        }
        if (figures.containsKey("det_djl_inprocess_per_s")) {
            figures.put("det_vs_djl", figures.get("det_tcp_c2_per_s") / figures.get("det_djl_inprocess_per_s"));
        }
    }

    private void alias(String name, String of) {
        if (figures.containsKey(of)) {
            figures.put(name, figures.get(of));
        }
    }

    private void write(Path file) throws IOException {
        figures.put("cores", (double) THREADS);
        figures.put("rounds", (double) ROUNDS);
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(
                file, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(figures) + "\n");
    }
}
