package health.vantage.models.artifact.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Reading JSON that strangers wrote, and writing JSON whose digest matters.
 *
 * <p>Reading: bounded in depth, in the number of values, in string and number length; a repeated key is an error, because two readers could see two
 * different documents under one signature. Writing: compact, keys in the order in which they were put, so the caller
 * decides the order and the same inputs give the same bytes.
 */
public final class Json {
    /** The largest tag list and index that are read stay far below. */
    private static final long MOST_TOKENS = 500_000;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(64)
                            .maxStringLength(4 << 20)
                            .maxNumberLength(64)
                            .maxNameLength(1024)
                            // A node takes tens of bytes for two of text: without this a list of empty objects, of a
                            // size
                            // that is allowed, takes hundreds of MiB.
                            .maxTokenCount(MOST_TOKENS)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private Json() {}

    /** The object in these bytes. @throws NotJson if they are anything else */
    public static ObjectNode object(byte[] bytes) {
        JsonNode node;
        try {
            node = MAPPER.readTree(bytes);
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw new NotJson("not valid JSON" + where + " (" + e.getOriginalMessage() + ")", e);
        } catch (IOException e) {
            throw new NotJson("not valid JSON (" + e.getMessage() + ")", e);
        }
        if (!(node instanceof ObjectNode object)) {
            throw new NotJson("not a JSON object", null);
        }
        return object;
    }

    public static ObjectNode newObject() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Compact UTF-8, keys in insertion order. */
    public static byte[] bytes(JsonNode node) {
        return text(node).getBytes(StandardCharsets.UTF_8);
    }

    /** Compact text, keys in insertion order. */
    public static String text(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A JSON tree can always be written", e);
        }
    }

    /** Text for people: indented. */
    public static String pretty(JsonNode node) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A JSON tree can always be written", e);
        }
    }

    /** The bytes are not one JSON object; the message is the end of a sentence: "... is not valid JSON at line 3". */
    public static final class NotJson extends RuntimeException {
        NotJson(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
