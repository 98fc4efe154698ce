package health.vantage.models.runner.node;

import health.vantage.models.api.ModelNodeStatus.State;

/**
 * How far one model is: the part of its status that the worker says, the rest is read from the slot.
 *
 * @param state null before the first instruction of a model that the journal does not know
 * @param reason CamelCase, empty when all is well
 */
record Progress(long epoch, State state, String reason, String message, long pulledBytes, long totalBytes) {
    static Progress of(long epoch, State state) {
        return new Progress(epoch, state, "", "", 0, 0);
    }

    static Progress of(long epoch, State state, String reason, String message) {
        return new Progress(epoch, state, reason, message, 0, 0);
    }

    Progress pulled(long done, long total) {
        return new Progress(epoch, state, reason, message, done, total);
    }
}
