package health.vantage.models.runner.openinference;

import health.vantage.models.runner.form.ArgMax;
import health.vantage.models.runner.form.Best;
import health.vantage.models.runner.form.Half;
import health.vantage.models.runner.form.OutputForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The parameters of a requested output that ask for another form of it: Triton's {@code classification}, and our own. */
public final class FormParameter {
    public static final String CLASSIFICATION = "classification";
    public static final String ARGMAX = "argmax";
    public static final String DATATYPE = "datatype";

    /** More than anybody reads; {@link Best} keeps them in order one by one. */
    private static final long MAX_CLASSES = 1000;

    private FormParameter() {}

    /** @throws health.vantage.models.runner.serve.Refusal of kind INVALID */
    public static OutputForm of(Parameters parameters) {
        List<OutputForm> forms = new ArrayList<>(1);
        parameters.number(CLASSIFICATION).ifPresent(count -> {
            if (count < 1 || count > MAX_CLASSES) {
                throw parameters.invalid(CLASSIFICATION + " must be 1 to " + MAX_CLASSES + ", not " + count);
            }
            forms.add(new Best(count.intValue()));
        });
        parameters.number(ARGMAX).ifPresent(axis -> {
            if (Math.abs(axis) > Short.MAX_VALUE) {
                throw parameters.invalid(ARGMAX + " must be an axis, not " + axis);
            }
            forms.add(new ArgMax(axis.intValue()));
        });
        parameters.text(DATATYPE).ifPresent(type -> {
            if (!type.equals("FP16")) {
                throw parameters.invalid(DATATYPE + " must be FP16, not \"" + type + "\"");
            }
            forms.add(new Half());
        });
        if (forms.size() > 1) {
            throw parameters.invalid(
                    "only one of " + CLASSIFICATION + ", " + ARGMAX + " and " + DATATYPE + " can be asked for");
        }
        return forms.isEmpty() ? OutputForm.WHOLE : forms.getFirst();
    }

    /**
     * The same from metadata, where everything is text.
     *
     * @throws health.vantage.models.runner.serve.Refusal of kind INVALID
     */
    public static OutputForm ofTexts(Map<String, String> metadata) {
        Map<String, Object> values = new java.util.HashMap<>();
        Parameters parameters = new Parameters("request metadata", values);
        for (String name : List.of(CLASSIFICATION, ARGMAX)) {
            if (metadata.containsKey(name)) {
                try {
                    values.put(name, Long.parseLong(metadata.get(name).strip()));
                } catch (NumberFormatException e) {
                    throw parameters.invalid(name + " must be a whole number, not \"" + metadata.get(name) + "\"");
                }
            }
        }
        if (metadata.containsKey(DATATYPE)) {
            values.put(DATATYPE, metadata.get(DATATYPE));
        }
        return of(parameters);
    }
}
