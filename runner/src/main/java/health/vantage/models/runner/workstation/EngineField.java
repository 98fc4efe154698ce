package health.vantage.models.runner.workstation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.api.Engine;
import health.vantage.models.runner.engine.EngineSpec;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The list of engines: the same keys as in a ComputeTier. */
record EngineField(YamlField list) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> KEYS = Stream.of(Engine.class.getRecordComponents())
            .map(RecordComponent::getName)
            .collect(Collectors.toUnmodifiableSet());

    List<EngineSpec> read() {
        List<Engine> engines = new ArrayList<>();
        for (YamlField item : list.items()) {
            try {
                engines.add(JSON.treeToValue(item.onlyKeys(KEYS).node(), Engine.class));
            } catch (JsonProcessingException e) {
                throw item.wrong("is no engine: " + e.getOriginalMessage());
            }
        }
        return EngineSpec.all(engines);
    }
}
