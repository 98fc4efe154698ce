package health.vantage.models.artifact.verify;

/**
 * A signature that holds.
 *
 * @param signer who: the first 16 hex digits of the SHA-256 of the key's DER form, or the identity in a certificate. For
 *     people and status
 * @param form {@link #COSIGN_V2} or {@link #COSIGN_V3}
 */
public record Verified(String signer, String form) {
    public static final String COSIGN_V2 = "cosign-v2";
    public static final String COSIGN_V3 = "cosign-v3-bundle";
}
