package health.vantage.models.runner.openinference;

import health.vantage.models.runner.serve.Refusal;
import java.util.Map;
import java.util.Optional;

/**
 * The parameters of a request, or of one of its tensors. Those that nobody here knows are ignored, as the protocol wants.
 *
 * @param values Boolean, Long, Double or String
 * @param of whose they are, for errors: {@code input x}
 */
public record Parameters(String of, Map<String, Object> values) {
    /** @throws Refusal of kind INVALID when it is there and no text */
    public Optional<String> text(String name) {
        return value(name, String.class, "a string");
    }

    /** @throws Refusal of kind INVALID when it is there and no whole number */
    public Optional<Long> number(String name) {
        return value(name, Long.class, "a whole number");
    }

    /** @throws Refusal of kind INVALID when it is there and no boolean */
    public Optional<Boolean> flag(String name) {
        return value(name, Boolean.class, "true or false");
    }

    private <T> Optional<T> value(String name, Class<T> type, String words) {
        Object value = values.get(name);
        if (value != null && !type.isInstance(value)) {
            throw invalid("parameter " + name + " must be " + words + ", not \"" + value + "\"");
        }
        return Optional.ofNullable(type.cast(value));
    }

    /** A refusal that names the tensor. */
    public Refusal invalid(String what) {
        return new Refusal(Refusal.Kind.INVALID, of + ": " + what);
    }
}
