/**
 * Who may call, and how much: certificates and tokens that are read again when their files change, and limits per client.
 *
 * <p>{@link health.vantage.models.runner.access.Access} is the way in for both ports; gRPC asks it in an interceptor, HTTP in a filter.
 */
package health.vantage.models.runner.access;
