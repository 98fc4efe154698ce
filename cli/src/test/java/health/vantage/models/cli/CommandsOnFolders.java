package health.vantage.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import org.junit.jupiter.api.io.TempDir;

/** Commands as a person types them, on layout folders; the registry client has its own tests. */
abstract class CommandsOnFolders {
    protected static final String METADATA = """
            {"name":"retina-seg","version":"2.4.1","variant":"VARIANT",
             "model":{"format":"onnx","precision":"fp16","inputShape":[-1,3,64,64],"outputShape":[-1,4,64,64],
                      "vramGB":3.5,"latencyMs":18},
             "capabilities":["cv3","int8"],
             "provenance":{"trainingRun":"run-8841","dataset":"cell-masks@2025.11","trainedAt":"2026-01-01","trainedBy":"ml"},
             "deployment":{"targets":["jetson-orin"],"minCudaVersion":"12.6"}}
            """;

    @TempDir
    protected Path folder;

    protected String out;
    protected String err;
    protected String repository;

    protected final int run(Object... args) {
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

    protected final void pack(String variant) {
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

    protected final Path[] keys() throws Exception {
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

    protected final JsonNode array() throws IOException {
        return new ObjectMapper().readTree(out);
    }
}
