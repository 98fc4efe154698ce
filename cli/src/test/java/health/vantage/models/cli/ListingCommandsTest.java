package health.vantage.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What people and programs are told of models: inspect, ls, diff. */
class ListingCommandsTest extends CommandsOnFolders {
    @Test
    void inspectTellsTheMetadataToPeopleAndPrograms() {
        pack("jetson");
        assertThat(run("inspect", repository + ":cv3-jetson")).isZero();
        assertThat(out).contains("retina-seg 2.4.1 for jetson", "3584 MiB", "cell-masks@2025.11", "models/retina.onnx");
        assertThat(run("inspect", "-o", "json", repository + ":cv3-jetson")).isZero();
        var json = Json.object(out.getBytes());
        assertThat(json.at("/metadata/model/vramGB").asDouble()).isEqualTo(3.5);
        assertThat(run("inspect", "-o", "yaml", repository + ":2.4.1")).isZero();
        assertThat(out).contains("variants:", "vramGB: 3.5");
        assertThat(run("inspect", "--raw", repository + ":cv3-jetson")).isZero();
        assertThat(out).contains("application/vnd.cncf.model.manifest.v1+json");
    }

    @Test
    void lsListsVersionsByVariantsWithWhatTheyNeedAndWhoSignedThem() throws Exception {
        pack("jetson");
        pack("rtx");
        Path[] keys = keys();
        run("sign", "-k", keys[0], repository + ":2.4.1-rtx");
        Files.writeString(
                folder.resolve("next.json"),
                METADATA.replace("VARIANT", "jetson").replace("2.4.1", "2.10.0"));
        assertThat(run("pack", "-m", folder.resolve("next.json"), "-w", folder.resolve("retina.onnx"), repository))
                .as(err)
                .isZero();
        assertThat(run("tag", repository + ":2.10.0-jetson", "stable")).isZero();
        assertThat(run("twin", repository + ":2.4.1-rtx")).as(err).isZero();

        assertThat(run("ls", repository)).as(err).isZero();
        assertThat(out.lines().map(line -> line.replaceAll(" {2,}", "|")))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("VERSION|VARIANT|CAPABILITIES|FORMAT|PRECISION|VRAM|SIZE"),
                        line -> assertThat(line)
                                .startsWith("2.10.0|jetson|cv3,int8|onnx|fp16|3584 MiB|")
                                .contains("|unsigned|")
                                .endsWith("|-|stable"),
                        line -> assertThat(line)
                                .startsWith("2.4.1|jetson|cv3*,int8*|")
                                .endsWith("|-"),
                        line -> assertThat(line)
                                .startsWith("2.4.1|rtx|cv3*,int8*|")
                                .contains("|unchecked|")
                                .endsWith("|yes|-"),
                        line -> assertThat(line).contains("not checked", "--key"));

        assertThat(run("ls", "-k", keys[1], "-o", "json", "--variant", "rtx", repository))
                .as(err)
                .isZero();
        var models = Json.object(out.getBytes()).path("models");
        assertThat(models).hasSize(1);
        assertThat(models.at("/0/signed/state").asText()).isEqualTo("verified");
        assertThat(models.at("/0/signed/key").asText()).isEqualTo("model.pub");
        assertThat(models.at("/0/capabilities/0/current").asBoolean()).isTrue();
        assertThat(run("ls", "-k", keys()[1], repository)).isZero();
        assertThat(out).contains("untrusted").doesNotContain("sha256-");
        assertThat(run("ls", "--capability", "cv9", repository)).isZero();
        assertThat(out.lines()).hasSize(1);
    }

    @Test
    void lsNamesTheTagsUnderWhichThereIsNoModelAndSaysWhenThereIsNothing() throws Exception {
        pack("jetson");
        Path layout = folder.resolve("retina-seg");
        byte[] config = "{}".getBytes();
        byte[] image = ("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":"
                        + "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\""
                        + Digest.of(config)
                        + "\",\"size\":2},\"layers\":[]}")
                .getBytes();
        for (byte[] blob : new byte[][] {config, image}) {
            Files.write(layout.resolve("blobs/sha256").resolve(Digest.of(blob).hex()), blob);
        }
        Path index = layout.resolve("index.json");
        Files.writeString(
                index,
                Files.readString(index)
                        .replace(
                                "\"manifests\":[",
                                "\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\""
                                        + Digest.of(image) + "\",\"size\":" + image.length
                                        + ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"base\"}},"));
        assertThat(run("ls", repository)).as(err).isZero();
        assertThat(out).contains("2.4.1", "no model: base (UnsupportedArtifact)");
        assertThat(run("ls", "-o", "json", "oci:" + folder.resolve("nothing"))).isEqualTo(3);
        assertThat(err).contains("kubectl model pack");
    }

    @Test
    void diffTellsWhatChangesAndWhatHasToBeFetched() throws IOException {
        pack("jetson");
        byte[] head = new byte[30_000];
        new Random(8).nextBytes(head);
        Files.write(folder.resolve("head.onnx"), head);
        Files.writeString(
                folder.resolve("next.json"),
                METADATA.replace("VARIANT", "jetson").replace("2.4.1", "2.5.0").replace("3.5", "4"));
        assertThat(run(
                        "pack",
                        "-m",
                        folder.resolve("next.json"),
                        "-w",
                        folder.resolve("retina.onnx"),
                        "-w",
                        folder.resolve("head.onnx"),
                        repository))
                .as(err)
                .isZero();
        assertThat(run("diff", repository + ":2.4.1-jetson", repository + ":2.5.0-jetson"))
                .as(err)
                .isZero();
        assertThat(out)
                .containsPattern("\\$\\.version +2\\.4\\.1 +2\\.5\\.0")
                .containsPattern("models/head\\.onnx .*to fetch")
                .containsPattern("models/retina\\.onnx .*shared");
        run("diff", "-o", "json", repository + ":2.4.1-jetson", repository + ":2.5.0-jetson");
        var json = Json.object(out.getBytes());
        assertThat(json.path("fetchBytes").asLong()).isBetween(30_000L, 32_000L);
        assertThat(json.path("sharedLayers").asInt()).isEqualTo(1);
        run("diff", "-o", "json", repository + ":2.4.1-jetson", repository + ":2.4.1-jetson");
        assertThat(Json.object(out.getBytes()).path("fetchBytes").asLong()).isZero();
    }
}
