package health.vantage.models.system.stories;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Sets fields of a JSON object by their paths. */
final class Fields {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Fields() {}

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /**
     * @param path such as {@code rollout.soak}
     * @param value {@link Optional#empty()} for null, which removes the field in a merge patch
     */
    static void set(ObjectNode object, String path, Object value) {
        int dot = path.indexOf('.');
        if (dot >= 0) {
            String first = path.substring(0, dot);
            ObjectNode inner = object.get(first) instanceof ObjectNode there ? there : object.putObject(first);
            set(inner, path.substring(dot + 1), value);
        } else if (value instanceof Optional<?> optional && optional.isEmpty()) {
            object.putNull(path);
        } else {
            object.set(path, JSON.valueToTree(value));
        }
    }
}
