package health.vantage.models.runner.serve;

import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.serve.InferenceCall.Given;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorSpec;
import health.vantage.models.runner.tensor.Texts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares what a caller sent with what the model takes, before the runtime sees it: the runtimes' own answers to a wrong tensor go
 * from an unhelpful code to a crash.
 */
final class InputCheck {
    private final ServedVersion version;

    InputCheck(ServedVersion version) {
        this.version = version;
    }

    /** One input that is right; {@code data} still the caller's. */
    record Checked(TensorSpec spec, Shape shape, Given given) {}

    /** @throws Refusal of kind INVALID that names the tensor, what was expected and what came */
    List<Checked> check(List<Given> inputs) {
        List<TensorSpec> specs = version.model().inputs();
        Map<String, Given> byName = new HashMap<>();
        for (Given given : inputs) {
            String name = given.name().orElseGet(() -> onlyInput(specs));
            if (byName.put(name, given) != null) {
                throw invalid("input " + name + " was given twice");
            }
        }
        List<Checked> checked = new ArrayList<>(specs.size());
        for (TensorSpec spec : specs) {
            Given given = byName.remove(spec.name());
            if (given == null) {
                throw invalid("input " + spec.name() + " is missing; the model takes " + specs);
            }
            checked.add(check(spec, given, spec == specs.getFirst()));
        }
        if (!byName.isEmpty()) {
            throw invalid("unknown inputs " + byName.keySet() + "; the model takes " + specs);
        }
        return checked;
    }

    private String onlyInput(List<TensorSpec> specs) {
        if (specs.size() != 1) {
            throw new Refusal(
                    Refusal.Kind.UNSUPPORTED,
                    version + " takes " + specs.size() + " inputs " + specs
                            + ", which this call cannot carry; use inference.GRPCInferenceService/ModelInfer");
        }
        return specs.getFirst().name();
    }

    private Checked check(TensorSpec spec, Given given, boolean first) {
        DataType type = given.type().orElse(spec.type());
        if (type != spec.type()) {
            throw invalid("input " + spec.name() + " must be " + spec.type() + ", got " + type);
        }
        Shape usual = first ? spec.shape().narrowedBy(version.contract().input()) : spec.shape();
        Shape shape =
                given.shape().orElseGet(() -> inferred(spec, usual, given.data().size()));
        if (!shape.isConcrete()) {
            throw invalid("input " + spec.name() + " has open dimensions, its shape " + shape
                    + " must be complete: name all of them");
        }
        if (!shape.agreesWith(spec.shape())) {
            throw invalid("input " + spec.name() + " must have the shape " + spec.shape() + ", got " + shape);
        }
        long expected = bytes(spec, shape);
        int size = given.data().size();
        boolean fits = spec.type().isFixedWidth() ? size == expected : size >= expected;
        if (!fits) {
            throw invalid("input " + spec.name() + " " + spec.type() + shape + " must have "
                    + (spec.type().isFixedWidth() ? "" : "at least ") + expected + " bytes, got " + size);
        }
        return new Checked(spec, shape, given);
    }

    /**
     * Looks at values, where that must be done before a runtime sees them.
     *
     * @throws Refusal of kind INVALID
     */
    void checkValues(List<Tensor> inputs) {
        for (Tensor input : inputs) {
            if (!input.type().isFixedWidth()) {
                Texts.flaw(input.data().bytes(), input.shape().elements()).ifPresent(flaw -> {
                    throw invalid("input " + input.name() + " " + input.type() + input.shape() + ": " + flaw);
                });
            }
        }
        version.model().objection(inputs).ifPresent(objection -> {
            throw invalid(objection);
        });
    }

    private long bytes(TensorSpec spec, Shape shape) {
        try {
            return shape.bytes(spec.type());
        } catch (IllegalArgumentException e) {
            throw invalid("input " + spec.name() + ": " + e.getMessage());
        }
    }

    /** One open dimension follows from the size; with more, the caller must say. */
    private Shape inferred(TensorSpec spec, Shape usual, long size) {
        if (usual.openDims() != 1 || !spec.type().isFixedWidth()) {
            return usual;
        }
        long unit = bytes(spec, usual);
        if (unit == 0 || size == 0 || size % unit != 0) {
            throw invalid("input " + spec.name() + " " + spec.type() + usual + " must have a multiple of " + unit
                    + " bytes, got " + size);
        }
        return usual.withOpenDims(size / unit);
    }

    private Refusal invalid(String what) {
        return new Refusal(Refusal.Kind.INVALID, "model " + version + ": " + what);
    }
}
