package health.vantage.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import health.vantage.models.artifact.json.Json;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** {@code -o json|yaml}: the same facts as the table, for programs. */
public final class OutputFormat {
    enum Format {
        table,
        json,
        yaml
    }

    /** For the help text. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Format.values()).map(Enum::name).iterator();
        }
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            completionCandidates = Names.class,
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format;

    /** As the other, for lines and tables. */
    public void print(PrintWriter out, JsonNode facts, Consumer<PrintWriter> forPeople) {
        print(out, facts, () -> forPeople.accept(out));
    }

    /** Prints the facts if a program asked; otherwise runs what prints for people. */
    public void print(PrintWriter out, JsonNode facts, Runnable forPeople) {
        switch (format) {
            case table -> forPeople.run();
            case json -> out.println(Json.pretty(facts));
            case yaml -> out.print(yaml(facts));
        }
        out.flush();
    }

    private static String yaml(JsonNode facts) {
        try {
            return YAMLMapper.builder()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .build()
                    .writeValueAsString(facts);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Facts cannot be written as YAML", e);
        }
    }
}
