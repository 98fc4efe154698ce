package health.vantage.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a person types them, on layout folders; the registry client has its own tests. */
class CommandsTest {
    private static final String METADATA = """
            {"name":"retina-seg","version":"2.4.1","variant":"VARIANT",
             "model":{"format":"onnx","precision":"fp16","inputShape":[-1,3,64,64],"outputShape":[-1,4,64,64],
                      "vramGB":3.5,"latencyMs":18},
             "capabilities":["cv3","int8"],
             "provenance":{"trainingRun":"run-8841","dataset":"cell-masks@2025.11","trainedAt":"2026-01-01","trainedBy":"ml"},
             "deployment":{"targets":["jetson-orin"],"minCudaVersion":"12.6"}}
            """;

    @TempDir
    Path folder;

    private String out;
    private String err;
    private String repository;

    private int run(Object... args) {
        var outText = new StringWriter();
        var errText = new StringWriter();
        int code = Main.commandLine()
                .setOut(new PrintWriter(outText, true))
                .setErr(new PrintWriter(errText, true))
                .setColorScheme(picocli.CommandLine.Help.defaultColorScheme(picocli.CommandLine.Help.Ansi.OFF))
                .execute(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
        out = outText.toString();
        err = errText.toString();
        return code;
    }

    @BeforeEach
    void files() throws IOException {
        repository = "oci:" + folder.resolve("retina-seg");
        byte[] weights = new byte[100_000];
        new Random(7).nextBytes(weights);
        Files.write(folder.resolve("retina.onnx"), weights);
        for (String variant : new String[] {"jetson", "rtx"}) {
            Files.writeString(folder.resolve(variant + ".json"), METADATA.replace("VARIANT", variant));
        }
    }

    private void pack(String variant) {
        int code = run(
                "pack",
                "-m",
                folder.resolve(variant + ".json"),
                "-w",
                folder.resolve("retina.onnx"),
                "--promote",
                repository);
        assertThat(code).as(err).isZero();
    }

    private Path[] keys() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        var pair = generator.generateKeyPair();
        var base64 = Base64.getMimeEncoder(64, new byte[] {'\n'});
        return new Path[] {
            Files.writeString(
                    folder.resolve("model.key"),
                    "-----BEGIN PRIVATE KEY-----\n"
                            + base64.encodeToString(pair.getPrivate().getEncoded()) + "\n-----END PRIVATE KEY-----\n"),
            Files.writeString(
                    folder.resolve("model.pub"),
                    "-----BEGIN PUBLIC KEY-----\n"
                            + base64.encodeToString(pair.getPublic().getEncoded()) + "\n-----END PUBLIC KEY-----\n")
        };
    }

    @Test
    void anIdentityIsAskedForInPlaceOfKeysAndThePublicRootIsAtHand() throws Exception {
        pack("jetson");
        String model = repository + ":2.4.1-jetson";
        String[] someone = {"--certificate-identity", "a@b.example", "--certificate-oidc-issuer", "https://i.example"};
        assertThat(run("verify", someone[0], someone[1], someone[2], someone[3], model))
                .isEqualTo(6);
        assertThat(err).contains("is not signed; sign it with 'cosign sign ");
        assertThat(run("sign", "-k", keys()[0], model)).as(err).isZero();
        assertThat(run("verify", someone[0], someone[1], someone[2], someone[3], model))
                .isEqualTo(6);
        assertThat(err).contains("subject 'a@b.example' of the issuer 'https://i.example'", "it may be by a key");

        assertThat(run("verify", someone[0], someone[1], model)).isEqualTo(2);
        assertThat(err).contains("either the issuer or a regular expression for it is needed");
        assertThat(run("verify", model)).isEqualTo(2);
        Path junk = Files.writeString(folder.resolve("root.json"), "{}");
        assertThat(run("verify", someone[0], someone[1], someone[2], someone[3], "--trusted-root", junk, model))
                .isEqualTo(2);
        assertThat(err).contains("The trusted root must name at least one certificate authority");
    }

    @Test
    void aReleaseIsAttestedAndItsAttestationsAreDemanded() throws Exception {
        pack("jetson");
        Path[] keys = keys();
        String model = repository + ":2.4.1-jetson";
        assertThat(run("sign", "-k", keys[0], model)).as(err).isZero();
        assertThat(run("verify", "-k", keys[1], "--attestation", "cyclonedx", model))
                .isEqualTo(6);
        assertThat(err).contains("no attestation of the type cyclonedx", "kubectl model attest");
        assertThat(run("attest", "-k", keys[0], "--type", "cyclonedx,slsaprovenance1", repository + ":2.4.1"))
                .as(err)
                .isZero();
        assertThat(run("verify", "-k", keys[1], "--attestation", "cyclonedx,slsaprovenance1", model))
                .as(err)
                .isZero();
        assertThat(out).contains("https://slsa.dev/provenance/v1", "https://cyclonedx.org/bom");
        assertThat(run("sbom", "-k", keys[1], model)).as(err).isZero();
        String attested = out;
        assertThat(run("sbom", model)).as(err).isZero();
        assertThat(out).isEqualTo(attested).contains("machine-learning-model", "cell-masks@2025.11");
        assertThat(run("attest", "-k", keys[0], "--type", "vuln", model)).isEqualTo(2);
        assertThat(err).contains("--predicate");
    }

    @Test
    void provenanceLeadsFromEveryModelToItsRunAndDataSet() throws Exception {
        pack("jetson");
        pack("rtx");
        assertThat(run("provenance", repository)).as(err).isZero();
        assertThat(out.lines().skip(1)).hasSize(2).allMatch(line -> line.contains("run-8841"));
        assertThat(run("provenance", "-o", "json", repository + ":cv3-rtx"))
                .as(err)
                .isZero();
        assertThat(out)
                .contains("\"dataset\" : \"cell-masks@2025.11\"", "\"rtx\"")
                .doesNotContain("jetson");
    }

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

    private com.fasterxml.jackson.databind.JsonNode array() throws IOException {
        return new com.fasterxml.jackson.databind.ObjectMapper().readTree(out);
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
