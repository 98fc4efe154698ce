package health.vantage.models.runner.node;

/** How much of a hurry a report is in: changes are told at once, progress waits for the next regular report. */
public enum Bell {
    SILENT,
    PROGRESS,
    CHANGE
}
