package health.vantage.models.artifact.verify;

/** Who made one signature. */
public sealed interface Signatory {
    /** Somebody who may vouch. @param name for people and status */
    record Known(String name) implements Signatory {}

    /** Nobody who may. @param why a clause about the signature, such as "a signature is not by a trusted key" */
    record Stranger(String why) implements Signatory {}
}
