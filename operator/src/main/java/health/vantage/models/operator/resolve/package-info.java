/**
 * From a spec to a {@link health.vantage.models.api.ModelRevision}: tags to digests, signatures checked, before any node
 * is told anything.
 */
package health.vantage.models.operator.resolve;
