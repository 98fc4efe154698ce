package health.vantage.models.runner.node;

/** The work under way is not wanted any more: another instruction came, or the runner stops. */
final class Superseded extends RuntimeException {
    Superseded() {
        super("another instruction came", null, false, false);
    }
}
