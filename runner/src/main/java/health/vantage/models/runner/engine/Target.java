package health.vantage.models.runner.engine;

import java.net.URI;

/**
 * Where a request is meant to go.
 *
 * @param path at the engine, with its query, as the caller encoded it
 */
record Target(String model, String path) {
    /** @param uri of a request below {@link EngineProxy#PREFIX} */
    static Target of(URI uri) {
        String rest = uri.getRawPath().substring(EngineProxy.PREFIX.length());
        int slash = rest.indexOf('/');
        String model = slash < 0 ? rest : rest.substring(0, slash);
        String path = slash < 0 ? "/" : rest.substring(slash);
        // A model's name needs no escapes: one with them is no model's.
        return new Target(model, uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery());
    }

    URI at(URI engine) {
        return URI.create(engine + path);
    }
}
