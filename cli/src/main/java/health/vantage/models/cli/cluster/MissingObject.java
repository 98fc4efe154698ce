package health.vantage.models.cli.cluster;

/** A failure that means: what was asked for does not exist. Scripts tell it by its exit code. */
public interface MissingObject {}
