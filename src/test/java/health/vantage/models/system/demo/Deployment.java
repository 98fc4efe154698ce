package health.vantage.models.system.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.artifact.verify.Signer;
import health.vantage.models.system.harness.Await;
import health.vantage.models.system.world.Project;
import health.vantage.models.system.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The ModelDeployment of the demo, through the eyes of kubectl. */
final class Deployment {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NAMESPACE = "imaging";
    private static final String NAME = "text-seg";

    private final World world;
    private final Narrator narrator;
    private final Signer key;
    private final Path output;
    private String lastTable = "";

    Deployment(World world, Narrator narrator, Signer key, Path output) {
        this.world = world;
        this.narrator = narrator;
        this.key = key;
        this.output = output;
    }

    /** Applies the sample, pointed at the registry of this machine and with shorter times. */
    void apply() throws IOException {
        String sample = Files.readString(Project.root().resolve("config/samples/text-segmentation.yaml"));
        String here = sample.replace(
                        "registry.vantage.health/", world.registry().host() + "/")
                .replace("interval: 5m", "interval: 2s")
                .replace("soak: 5m", "soak: 8s");
        Path file = output.resolve("text-segmentation.yaml");
        Demo.write(file, here);
        Path publicKey = output.resolve("cosign.pub");
        Demo.write(publicKey, key.publicKeyPem());
        world.kubectl().run("create", "namespace", NAMESPACE);
        narrator.command("kubectl -n imaging create secret generic cosign-pub --from-file=cosign.pub");
        world.kubectl()
                .run(
                        "-n",
                        NAMESPACE,
                        "create",
                        "secret",
                        "generic",
                        "cosign-pub",
                        "--from-file=cosign.pub=" + publicKey);
        narrator.command("kubectl apply -f config/samples/text-segmentation.yaml   # registry, interval 2s, soak 8s");
        narrator.say(world.kubectl().run("apply", "--validate=false", "-f", file.toString()));
    }

    void watchUntil(String what, Duration limit, BooleanSupplier condition) {
        narrator.command("kubectl -n imaging get vmd -w");
        lastTable = "";
        waitUntil(what, limit, () -> {
            showIfChanged();
            return condition.getAsBoolean();
        });
        showIfChanged();
    }

    void waitUntil(String what, Duration limit, BooleanSupplier condition) {
        Await.until(what, limit, condition, () -> status().toPrettyString());
    }

    private void showIfChanged() {
        String[] lines =
                world.kubectl().run("-n", NAMESPACE, "get", "vmd", NAME).split("\n");
        String row = row(lines[0], lines[1]);
        if (!row.equals(lastTable)) {
            if (lastTable.isEmpty()) {
                narrator.say(row(lines[0], lines[0]));
            }
            narrator.say(row);
            lastTable = row;
        }
    }

    /** The columns as kubectl cut them, at widths that do not change, without the age: it hides what changed. */
    private static String row(String header, String line) {
        var row = new StringBuilder();
        for (String column : List.of("NAME", "VERSION", "TIERS", "NODES", "PHASE", "READY")) {
            int start = header.indexOf(column);
            int end = start + column.length();
            while (end < header.length() && header.charAt(end) == ' ') {
                end++;
            }
            String cell = start >= line.length() ? "" : line.substring(start, Math.min(end, line.length()));
            row.append(String.format("%-12s", cell.strip()));
        }
        return row.toString();
    }

    /** Whether the attempt with that version is over, in that phase. */
    boolean settled(String phase, String version) {
        JsonNode rollout = status().path("rollout");
        return rollout.path("phase").asText().equals(phase)
                && rollout.path("version").asText().equals(version);
    }

    String condition(String type) {
        for (JsonNode condition : status().path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText();
            }
        }
        return "";
    }

    void showMisfit(String node) {
        for (JsonNode tier : status().path("plan")) {
            for (JsonNode misfit : tier.path("misfits")) {
                if (misfit.path("node").asText().equals(node)) {
                    narrator.say("left out before any pull: " + node + ": "
                            + misfit.path("reason").asText() + ": "
                            + misfit.path("message").asText());
                    return;
                }
            }
        }
        throw new AssertionError(node + " should not have been able to take the model");
    }

    void showQuarantine(String version) {
        for (JsonNode bad : status().path("quarantined")) {
            if (bad.path("version").asText().equals(version)) {
                narrator.say("quarantined: " + bad.path("digest").asText() + ": "
                        + bad.path("reason").asText() + ": "
                        + bad.path("message").asText());
                return;
            }
        }
        throw new AssertionError(version + " should be in quarantine: " + status().path("quarantined"));
    }

    void showWhy() {
        JsonNode rollout = status().path("rollout");
        narrator.say(rollout.path("abortReason").asText() + ": "
                + rollout.path("message").asText());
        if (!rollout.path("abortReason").asText().equals("SoakFailed")) {
            throw new AssertionError("turned back for another reason than the soak: " + rollout);
        }
    }

    private JsonNode status() {
        try {
            return JSON.readTree(world.kubectl().run("-n", NAMESPACE, "get", "vmd", NAME, "-o", "json"))
                    .path("status");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
