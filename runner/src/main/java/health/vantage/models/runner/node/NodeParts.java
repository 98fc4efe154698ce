package health.vantage.models.runner.node;

import health.vantage.models.runner.Serving;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.preflight.Preflight;
import health.vantage.models.runner.store.ModelStore;
import java.time.Clock;

/** What every model's worker shares. */
public record NodeParts(Serving serving, ModelStore store, Journal journal, Preflight preflight, Clock clock) {}
