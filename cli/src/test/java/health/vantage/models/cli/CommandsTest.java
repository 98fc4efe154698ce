package health.vantage.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Models on their way from files to other places, and what every command has in common. */
class CommandsTest extends CommandsOnFolders {
    @Test
    void aCompletionScriptKnowsTheCommands() {
        assertThat(run("completion", "bash")).isZero();
        assertThat(out).contains("complete -F", "kubectl-model", "attest", "sbom");
    }

    @Test
    void aModelGoesFromFilesToAnotherRepositorySignedAndWhole() throws Exception {
        pack("jetson");
        assertThat(out).contains("packed " + repository + ":2.4.1-jetson", "moved " + repository + ":cv3-jetson");
        pack("rtx");
        Path[] keys = keys();
        assertThat(run("verify", "-k", keys[1], repository + ":cv3-rtx")).isEqualTo(6);
        assertThat(err).contains("is not signed").doesNotContain("Exception", "\tat ");
        assertThat(run("sign", "-k", keys[0], "--form", "both", repository + ":2.4.1"))
                .isZero();

        String clinic = "oci:" + folder.resolve("clinic/retina-seg");
        assertThat(run("push", repository + ":2.4.1", clinic, "--promote"))
                .as(err)
                .isZero();
        assertThat(run("verify", "-k", keys[1], clinic + ":cv3-rtx")).as(err).isZero();
        assertThat(run("resolve", clinic, "--capability", "cv3,int8", "--variant", "jetson,rtx"))
                .as(err)
                .isZero();
        assertThat(out)
                .contains("VARIANT", "jetson    2.4.1", "cv3-rtx")
                .contains("because for rtx the tag 'cv3-rtx' leads to 2.4.1, whose metadata lists cv3, int8");

        assertThat(run("pull", "--cache", folder.resolve("cache"), clinic + ":2.4.1-jetson"))
                .as(err)
                .isZero();
        assertThat(Path.of(out.strip()).resolve("models/retina.onnx"))
                .hasSameBinaryContentAs(folder.resolve("retina.onnx"));
    }

    @Test
    void anImageIsPutBesideAModelWhenPackedAndWhenPushed() {
        assertThat(run(
                        "pack",
                        "-m",
                        folder.resolve("jetson.json"),
                        "-w",
                        folder.resolve("retina.onnx"),
                        "--image",
                        "--promote",
                        repository))
                .as(err)
                .isZero();
        assertThat(out)
                .contains("image " + repository + ":2.4.1-jetson-oci", "image " + repository + ":cv3-jetson-oci");
        assertThat(run("inspect", "--raw", repository + ":2.4.1-jetson-oci")).isZero();
        String twin = Json.object(out.getBytes()).toString();
        assertThat(twin).contains("\"architecture\":\"arm64\"");

        String there = "oci:" + folder.resolve("there/retina-seg");
        assertThat(run("push", "--image", "-o", "json", repository + ":2.4.1", there))
                .as(err)
                .isZero();
        assertThat(run("inspect", "--raw", there + ":2.4.1-jetson-oci")).isZero();
        assertThat(Json.object(out.getBytes()).toString()).isEqualTo(twin);

        String third = "oci:" + folder.resolve("third/retina-seg");
        assertThat(run("push", repository + ":2.4.1", third)).isZero();
        assertThat(run("twin", "-o", "yaml", third + ":2.4.1")).as(err).isZero();
        assertThat(out).contains("reference: " + third + ":2.4.1-jetson-oci");
        assertThat(run("pull", "--cache", folder.resolve("cache"), repository + ":2.4.1"))
                .isZero();
        pack("rtx");
        assertThat(run("pull", "--cache", folder.resolve("cache"), repository + ":2.4.1"))
                .isEqualTo(2);
        assertThat(err).contains("a release of the variants jetson, rtx; choose one with --variant");
        assertThat(run("pull", "--cache", folder.resolve("cache"), "--variant", "rtx", repository + ":2.4.1"))
                .as(err)
                .isZero();
        assertThat(run("sbom", repository + ":2.4.1")).isEqualTo(7);
        assertThat(err).contains("choose a variant: jetson is @sha256:");
        assertThat(run("inspect", repository + ":2.4.1-jetson-oci")).isZero();
        assertThat(out).startsWith("Image ").contains("twin of sha256:", "linux/arm64");
    }

    @Test
    void whatACommandDidIsToldToProgramsToo() throws Exception {
        Path[] keys = keys();
        String model = repository + ":2.4.1-jetson";
        assertThat(run(
                        "pack",
                        "-o",
                        "json",
                        "-m",
                        folder.resolve("jetson.json"),
                        "-w",
                        folder.resolve("retina.onnx"),
                        repository))
                .as(err)
                .isZero();
        String digest = array().at("/0/digest").asText();
        assertThat(digest).startsWith("sha256:");
        assertThat(run("sign", "-o", "json", "-k", keys[0], model)).isZero();
        assertThat(array().at("/0/digest").asText()).isEqualTo(digest);
        assertThat(run("attest", "-o", "json", "--type", "cyclonedx", "-k", keys[0], model))
                .isZero();
        assertThat(array().at("/0/type").asText()).isEqualTo("cyclonedx");
        assertThat(run("verify", "-o", "json", "--attestation", "cyclonedx", "-k", keys[1], model))
                .as(err)
                .isZero();
        var verified = Json.object(out.getBytes());
        assertThat(verified.path("signer").asText()).hasSize(16);
        assertThat(verified.at("/attestations/0/form").asText()).isEqualTo("cosign-v2");
        assertThat(run("tag", "-o", "json", "--promote", model)).isZero();
        assertThat(Json.object(out.getBytes()).path("tags").toString()).isEqualTo("[\"cv3-jetson\",\"int8-jetson\"]");
        assertThat(run("copy", "-o", "json", model, "oci:" + folder.resolve("copy/retina-seg")))
                .isZero();
        assertThat(Json.object(out.getBytes()).path("reference").asText()).endsWith("copy/retina-seg:2.4.1-jetson");
        assertThat(run("pull", "-o", "json", "--cache", folder.resolve("cache"), model))
                .isZero();
        var pulled = Json.object(out.getBytes());
        assertThat(Path.of(pulled.path("folder").asText())
                        .resolve(pulled.at("/files/0/path").asText()))
                .isRegularFile();
        assertThat(run("fsck", "-o", "json", "--cache", folder.resolve("cache")))
                .isZero();
        assertThat(array().at("/0/state").asText()).isEqualTo("good");
        assertThat(run("gc", "-o", "json", "--cache", folder.resolve("cache"), "--keep", "0"))
                .isZero();
        assertThat(Json.object(out.getBytes()).at("/removed/0/digest").asText()).isEqualTo(digest);
    }

    @Test
    void tagMovesATagToTheSameDigest() {
        pack("jetson");
        assertThat(run("tag", repository + ":2.4.1-jetson", "stable-jetson")).isZero();
        assertThat(run("tag", repository + ":2.4.1-jetson")).isEqualTo(2);
        assertThat(run("inspect", "-o", "json", repository + ":stable-jetson")).isZero();
        String digest = Json.object(out.getBytes()).path("digest").asText();
        assertThat(run("resolve", repository, "--digest", digest, "--variant", "jetson"))
                .isZero();
        assertThat(run("copy", repository + "@" + digest, "oci:" + folder.resolve("copy/retina-seg") + ":x"))
                .isZero();
        assertThat(run("inspect", "oci:" + folder.resolve("copy/retina-seg") + ":x"))
                .isZero();
    }

    @Test
    void failuresAreSentencesWithTheirOwnExitCode() throws IOException {
        pack("jetson");
        assertThat(run("inspect", "retina-seg")).isEqualTo(2);
        assertThat(err).contains("does not start with a registry host");
        assertThat(run("inspect", repository)).isEqualTo(2);
        assertThat(err).contains("names a repository, not an artifact");
        assertThat(run("inspect", repository + ":nope")).isEqualTo(3);
        assertThat(err).startsWith("error: The tag 'nope' does not exist");
        assertThat(run("inspect", repository + ":2.4.1-jeston")).isEqualTo(3);
        assertThat(err).contains("did you mean '2.4.1-jetson'");
        assertThat(run("inspekt", repository)).isEqualTo(2);
        assertThat(err)
                .contains("kubectl model inspect", "Or see 'kubectl model --help'")
                .doesNotContain("Usage:");
        assertThat(run("inspect")).isEqualTo(2);
        assertThat(err).contains("'REFERENCE'", "See 'kubectl model inspect --help'");
        assertThat(run("push", repository + ":2.4.1", "oci:" + folder.resolve("other")))
                .isEqualTo(6);
        assertThat(folder.resolve("other")).as("found before anything moved").doesNotExist();
        assertThat(run("inspect", repository + "@" + Digest.of("x".getBytes()))).isEqualTo(3);
        assertThat(run("inspect", "127.0.0.1:1/x/y:z")).isEqualTo(5);
        assertThat(run("resolve", repository, "--range", "junk", "--variant", "jetson"))
                .isEqualTo(2);
        assertThat(run("resolve", repository, "--variant", "jetson")).isEqualTo(2);

        Files.writeString(
                folder.resolve("bad.json"), METADATA.replace("3.5", "-1").replace("\"onnx\"", "\"caffe\""));
        assertThat(run("pack", "-m", folder.resolve("bad.json"), "-w", folder.resolve("retina.onnx"), repository))
                .isEqualTo(7);
        assertThat(err).contains("2 problems", "$.model.vramGB: must be > 0, is -1", "$.model.format: must be one of");
        assertThat(run("pack", "-m", folder.resolve("none.json"), "-w", folder.resolve("retina.onnx"), repository))
                .isEqualTo(3);
        assertThat(err).contains("there is no file");
    }

    @Test
    void aVersionIsNeverPackedTwiceWithOtherContent() throws IOException {
        pack("jetson");
        pack("jetson");
        Files.write(folder.resolve("retina.onnx"), new byte[] {1, 2, 3});
        assertThat(run("pack", "-m", folder.resolve("jetson.json"), "-w", folder.resolve("retina.onnx"), repository))
                .isEqualTo(7);
        assertThat(err).contains("A version never changes");
    }

    @Test
    void aGoldenSampleIsPackedWithItsTensorsAndCheckedFirst() throws IOException {
        Path golden = Files.createDirectories(folder.resolve("golden"));
        Files.writeString(
                golden.resolve("sample.json"),
                "{\"inputs\":[{\"name\":\"x\",\"file\":\"x.bin\"}],\"outputs\":[{\"name\":\"y\",\"file\":\"y.bin\"}]}");
        Files.write(golden.resolve("x.bin"), new byte[16]);
        Object[] pack = {
            "pack",
            "-m",
            folder.resolve("jetson.json"),
            "-w",
            folder.resolve("retina.onnx"),
            "--golden",
            golden,
            repository
        };
        assertThat(run(pack)).isEqualTo(2);
        assertThat(err).contains("'y.bin' in outputs");
        Files.write(golden.resolve("y.bin"), new byte[16]);
        assertThat(run(pack)).as(err).isZero();
        assertThat(run("pull", "--cache", folder.resolve("cache"), repository + ":2.4.1-jetson"))
                .isZero();
        assertThat(Path.of(out.strip()).resolve("models/golden/y.bin")).hasSize(16);
    }

    @Test
    void fsckFindsDamageAndGcKeepsTheNewest() throws IOException {
        Path cache = folder.resolve("cache");
        for (String version : new String[] {"2.4.1", "2.10.0"}) {
            Files.writeString(
                    folder.resolve("jetson.json"),
                    METADATA.replace("VARIANT", "jetson").replace("2.4.1", version));
            pack("jetson");
            assertThat(run("pull", "--cache", cache, repository + ":" + version + "-jetson"))
                    .as(err)
                    .isZero();
        }
        Path weights = Path.of(out.strip()).resolve("models/retina.onnx");
        assertThat(run("fsck", "--cache", cache)).as(err).isZero();
        assertThat(out).contains("good     retina-seg 2.4.1 for jetson", "good     retina-seg 2.10.0 for jetson");

        assertThat(run("gc", "--cache", cache, "--keep", "1", "--dry-run")).isZero();
        assertThat(out).contains("remove  retina-seg 2.4.1 for", "keep    retina-seg 2.10.0 for");
        assertThat(run("fsck", "--cache", cache)).isZero();
        assertThat(out).contains("2.4.1");
        assertThat(run("gc", "--cache", cache, "--keep", "1")).isZero();
        assertThat(run("fsck", "--cache", cache)).isZero();
        assertThat(out).contains("2.10.0").doesNotContain("2.4.1");

        Files.setPosixFilePermissions(weights, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
        byte[] bytes = Files.readAllBytes(weights);
        bytes[99] ^= 1;
        Files.write(weights, bytes);
        assertThat(run("fsck", "--cache", cache)).isEqualTo(6);
        assertThat(out).contains("damaged  retina-seg 2.10.0");
        assertThat(err).contains("models/retina.onnx");
        assertThat(run("gc", "--cache", cache, "--keep", "-1")).isEqualTo(2);
    }

    @Test
    void helpNamesEveryCommandAndExitCode() {
        assertThat(run("--help")).isZero();
        assertThat(out).contains("pack", "push", "resolve", "verify", "sign", "pull", "copy", "Exit codes:");
    }

    @Test
    void everyCommandIsFoundByTheNameItHas() {
        Main.COMMANDS.forEach((name, type) -> assertThat(
                        type.getAnnotation(picocli.CommandLine.Command.class).name())
                .isEqualTo(name));
        assertThat(Main.commandLine("pull", "x").getSubcommands()).containsOnlyKeys("pull");
        assertThat(Main.commandLine("--help").getSubcommands())
                .containsKeys(Main.COMMANDS.keySet().toArray(String[]::new));
        assertThat(Main.commandLine("pul").getSubcommands()).containsKeys("pull", "push");
    }

    @Test
    void theRehearsalPacksAndPullsOverBothTransportsAndLeavesNothing() throws IOException {
        assertThat(run("rehearse")).as(err).isZero();
        assertThat(err).contains("packed oci:", "models/weights-0.onnx");
        assertThat(out).isEmpty();
        Path left = Path.of(err.replaceAll("(?s).*packed oci:(\\S+?)/layout/.*", "$1"));
        assertThat(left).isAbsolute().doesNotExist();
    }
}
