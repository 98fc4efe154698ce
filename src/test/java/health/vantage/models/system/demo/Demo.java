package health.vantage.models.system.demo;

import health.vantage.models.artifact.verify.Signer;
import health.vantage.models.system.harness.Await;
import health.vantage.models.system.harness.NodeShape;
import health.vantage.models.system.world.DetectorReleases;
import health.vantage.models.system.world.Load;
import health.vantage.models.system.world.MaskClient;
import health.vantage.models.system.world.Project;
import health.vantage.models.system.world.Publisher;
import health.vantage.models.system.world.Publisher.Release;
import health.vantage.models.system.world.TextPicture;
import health.vantage.models.system.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** The story of {@code make demo}; each chapter checks what it claims. */
public final class Demo {
    private static final String JETSON = "clinic-jetson";
    private static final String RTX = "workstation-rtx";
    private static final String TOO_SMALL = "clinic-jetson-small";
    private static final String[] VARIANTS = {"jetson", "rtx"};
    private static final TextPicture PICTURE = new TextPicture(160, 320, List.of("RETINA  LEFT  EYE", "2026-11-24"));
    private static final Duration ROLLOUT = Duration.ofSeconds(180);

    private final Narrator narrator = new Narrator();
    private final World world;
    private final Publisher publisher;
    private final DetectorReleases releases;
    private final Deployment deployment;
    private final Path output = Project.root().resolve("build/demo");

    private Demo(World world, Signer key) {
        this.world = world;
        this.publisher = new Publisher(world.registry().host() + "/vantage/text-seg", key);
        this.releases = new DetectorReleases(world.cluster().folder().resolve("releases"));
        this.deployment = new Deployment(world, narrator, key, output);
    }

    public static void main(String[] arguments) {
        boolean keep = List.of(arguments).contains("--keep");
        System.exit(run(keep));
    }

    private static int run(boolean keep) {
        World world = World.start();
        try (world) {
            var demo = new Demo(world, Publisher.newKey());
            try {
                demo.tell();
                System.out.printf("%nDEMO PASSED in %d s%n", demo.narrator.seconds());
                if (keep) {
                    demo.stay();
                }
                return 0;
            } catch (RuntimeException | AssertionError | IOException e) {
                world.cluster().keepFolder();
                System.out.printf("%nDEMO FAILED: %s%n", e.getMessage());
                System.out.println("Logs and data: " + world.cluster().folder());
                e.printStackTrace(System.err);
                return 1;
            }
        }
    }

    private void tell() throws IOException {
        narrator.chapter("A Kubernetes control plane, a registry and three nodes");
        install();
        narrator.chapter("A signed model, released for two kinds of hardware");
        Release first = Release.of("1.0.0", VARIANTS);
        publisher.release(first, releases.asPublished("1.0.0"));
        publisher.moveTags(first);
        narrator.say("text-seg 1.0.0 (PP-OCRv4 text detector, ONNX, 0.5 GiB) as cv3-jetson and cv3-rtx, signed");
        narrator.chapter("kubectl apply: resolved, verified, placed, staged, canary, committed, soaked, confirmed");
        deployment.apply();
        deployment.watchUntil("1.0.0 confirmed", ROLLOUT, () -> deployment.settled("Confirmed", "1.0.0"));
        deployment.showMisfit(TOO_SMALL);
        try (var jetson = client(JETSON);
                var rtx = client(RTX)) {
            narrator.chapter("A picture with text goes to both runners");
            ask(jetson, JETSON, "1.0.0");
            ask(rtx, RTX, "1.0.0");
            narrator.chapter("The tag moves to 1.1.0: a hot swap under load");
            hotSwap(List.of(jetson, rtx));
            narrator.chapter("The tag moves to 1.2.0, whose golden sample fails: nothing activates");
            badPreflight(List.of(jetson, rtx));
            narrator.chapter("The tag moves to 1.3.0, which passes preflight and fails on real pictures");
            badInSoak(List.of(jetson, rtx));
        }
        narrator.chapter("Registry and API server go away, and a runner is killed");
        offline();
    }

    private void install() {
        narrator.say("Kubernetes "
                + world.kubectl()
                        .run("version", "-o", "json")
                        .replaceAll("(?s).*serverVersion.*?\"gitVersion\": \"([^\"]+)\".*", "$1")
                + ", registry at " + world.registry().host());
        world.cluster().nodes().create(JETSON, NodeShape.jetson());
        world.cluster().nodes().create(RTX, NodeShape.rtx());
        world.cluster().nodes().create(TOO_SMALL, NodeShape.jetson().with("nvidia.com/gpu.memory", "2200"));
        narrator.command("helm install vantage-crds helm/vantage-model-operator-crds");
        narrator.command("helm install vantage helm/vantage-model-operator --set tiers.cpu.enabled=false ...");
        world.install(Map.of());
        for (String node : List.of(JETSON, RTX, TOO_SMALL)) {
            world.runner(node);
        }
        narrator.command("kubectl get nodes -L models.vantage.health/tier -L nvidia.com/gpu.memory");
        narrator.say(
                world.kubectl().run("get", "nodes", "-L", "models.vantage.health/tier", "-L", "nvidia.com/gpu.memory"));
    }

    private MaskClient client(String node) {
        return new MaskClient(world.grpcPort(world.runner(node)), "text-seg");
    }

    private void ask(MaskClient client, String node, String version) {
        MaskClient.Answer answer = client.ask(PICTURE);
        Path png = output.resolve("mask-" + node + "-" + answer.version() + ".png");
        PICTURE.writeWithMask(answer.mask(), png);
        narrator.say(String.format(
                "%-16s %s in %.0f ms: text at %s",
                node, answer.version(), answer.latencyMs(), answer.mask().bands()));
        narrator.say("                 see " + Project.root().relativize(png));
        check(answer.version().equals(version), node + " answered with " + answer.version() + " instead of " + version);
        check(
                answer.mask().bands().size() == PICTURE.lines().size(),
                node + " found " + answer.mask().bands().size() + " lines of text in a picture of "
                        + PICTURE.lines().size());
    }

    private void hotSwap(List<MaskClient> clients) {
        Release second = Release.of("1.1.0", VARIANTS);
        publisher.release(second, releases.retrained("1.1.0"));
        try (Load load = Load.on(clients, PICTURE)) {
            publisher.moveTags(second);
            deployment.watchUntil("1.1.0 confirmed", ROLLOUT, () -> deployment.settled("Confirmed", "1.1.0"));
            load.stop();
            narrator.say(load.answered() + " requests answered (" + load.versions() + "), "
                    + load.failures().size() + " failed");
            check(load.failures().isEmpty(), "requests failed during the swap: " + load.failures());
            check(
                    load.versions().keySet().equals(java.util.Set.of("1.0.0", "1.1.0")),
                    "both versions should have answered");
        }
    }

    private void badPreflight(List<MaskClient> clients) {
        Release bad = Release.of("1.2.0", VARIANTS);
        publisher.release(bad, releases.failsGolden("1.2.0"));
        try (Load load = Load.on(clients, PICTURE)) {
            publisher.moveTags(bad);
            deployment.watchUntil("1.2.0 turned back", ROLLOUT, () -> deployment.settled("RolledBack", "1.2.0"));
            load.stop();
            narrator.say(load.answered() + " requests answered meanwhile (" + load.versions() + "), "
                    + load.failures().size() + " failed");
            check(
                    load.versions().keySet().equals(java.util.Set.of("1.1.0")),
                    "a version that failed preflight answered");
            check(load.failures().isEmpty(), "requests failed: " + load.failures());
        }
        deployment.showQuarantine("1.2.0");
    }

    private void badInSoak(List<MaskClient> clients) {
        Release bad = Release.of("1.3.0", VARIANTS);
        publisher.release(bad, releases.failsOnText("1.3.0"));
        try (Load load = Load.on(clients, PICTURE)) {
            publisher.moveTags(bad);
            deployment.watchUntil("1.3.0 turned back", ROLLOUT, () -> deployment.settled("RolledBack", "1.3.0"));
            load.stop();
            narrator.say(load.failures().size() + " requests failed on 1.3.0 before every node went back by itself");
            check(!load.failures().isEmpty(), "1.3.0 never served: it should have failed in soak, not before");
        }
        deployment.showWhy();
        for (MaskClient client : clients) {
            check(client.ask(PICTURE).version().equals("1.1.0"), "a node is not back on 1.1.0");
        }
        narrator.say("both runners answer with 1.1.0 again");
    }

    private void offline() {
        String pod = world.runner(JETSON).getMetadata().getName();
        int port = world.grpcPort(world.runner(JETSON));
        world.registry().stop();
        world.cluster().controlPlane().stopApiServer();
        narrator.say("registry and API server are down; kill -9 on the runner of " + JETSON);
        world.cluster().kubelet().kill(World.SYSTEM, pod);
        try (var client = new MaskClient(port, "text-seg")) {
            Await.until("an answer from the cache of " + JETSON, Duration.ofSeconds(90), answers(client), () -> "");
            ask(client, JETSON, "1.1.0");
        }
        world.cluster().controlPlane().startApiServer();
        world.registry().start();
        deployment.waitUntil("the operator to see everything again", ROLLOUT, () -> deployment
                .condition("Available")
                .equals("True"));
        narrator.say("both are back, nothing was lost");
    }

    private static BooleanSupplier answers(MaskClient client) {
        return () -> {
            try {
                client.ask(PICTURE);
                return true;
            } catch (io.grpc.StatusRuntimeException e) {
                // Not up yet: that is what is waited for.
                return false;
            }
        };
    }

    private void stay() throws IOException {
        System.out.println();
        System.out.println("Everything keeps running. In another terminal:");
        System.out.println("  export KUBECONFIG=" + world.cluster().kubernetes().kubeconfig());
        System.out.println("  kubectl -n imaging get vmd -w");
        System.out.println("  registry: " + world.registry().host());
        System.out.println("Press Enter here to end it.");
        System.out.flush();
        int ignored = System.in.read();
        if (ignored < 0) {
            // No terminal: stay until somebody ends the process.
            try {
                Thread.currentThread().join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
