package health.vantage.models.artifact.verify;

/** What looking at one object that may be a signature came to. */
sealed interface Checked {
    /** It holds. */
    record Holds(Verified by) implements Checked {}

    /** It is a signature, and does not hold. @param why the end of a sentence about it */
    record Rejected(String why) implements Checked {}

    /** It is something else: an attestation, an SBOM. */
    record NotASignature(String what) implements Checked {}
}
