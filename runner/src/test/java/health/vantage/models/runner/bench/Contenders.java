package health.vantage.models.runner.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** @param byName the callers of {@code tcp_c2}, and so on: way and number */
record Contenders(Map<String, List<Way.Caller>> byName) implements AutoCloseable {
    static Contenders of(Case one, List<Way> ways) throws IOException {
        Contenders contenders = new Contenders(new LinkedHashMap<>());
        for (int count : one.callers()) {
            for (Way way : ways.stream().filter(any -> any.takes(one)).toList()) {
                List<Way.Caller> callers = new ArrayList<>();
                contenders.byName.put(way.name() + "_c" + count, callers);
                for (int i = 0; i < count; i++) {
                    callers.add(way.caller(one));
                }
            }
        }
        return contenders;
    }

    @Override
    public void close() throws IOException {
        for (List<Way.Caller> callers : byName.values()) {
            for (Way.Caller caller : callers) {
                caller.close();
            }
        }
    }
}
