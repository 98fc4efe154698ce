/**
 * Verification without keys: certificates of Fulcio and the Rekor transparency log, checked by sigstore-java. A module of
 * its own, because of what that library brings; the artifact library finds it when a policy is keyless.
 *
 * <p>Nothing here opens a connection: the trusted root is a file or the copy in this jar, and a bundle or the annotations
 * of a signature carry all that is needed.
 */
package health.vantage.models.keyless;
