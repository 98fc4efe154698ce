package health.vantage.models.runner.kube;

import health.vantage.models.api.Condition;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.runner.model.ModelMemory;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether the models that answer on this node take what they declare: placement counts with what is declared. */
final class MemoryCondition {
    static final String TYPE = "MemoryAsDeclared";
    private static final int MAX_MESSAGE = 1024;

    private final InstantSource clock;
    private Optional<Condition> last = Optional.empty();

    MemoryCondition(InstantSource clock) {
        this.clock = clock;
    }

    synchronized Condition judge(List<ModelState> models) {
        String excess = models.stream().flatMap(model -> excess(model).stream()).collect(Collectors.joining(". "));
        Condition.Status status = excess.isEmpty() ? Condition.Status.True : Condition.Status.False;
        String message = excess.isEmpty() ? "No model takes more memory than it declares" : excess;
        String since = last.filter(before -> before.status() == status)
                .map(Condition::lastTransitionTime)
                .orElseGet(() -> clock.instant().toString());
        Condition now = new Condition(
                TYPE,
                status,
                null,
                since,
                excess.isEmpty() ? "AsDeclared" : "MoreThanDeclared",
                message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "...");
        last = Optional.of(now);
        return now;
    }

    private static Optional<String> excess(ModelState model) {
        return Optional.ofNullable(model.declaredMemoryMiB())
                .flatMap(declared -> new ModelMemory(declared, Optional.ofNullable(model.measuredMemoryMiB())).excess())
                .map(sentence -> "Model " + model.name() + " " + sentence);
    }
}
