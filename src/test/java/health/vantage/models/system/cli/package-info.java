/** {@code kubectl model} against a real API server. */
package health.vantage.models.system.cli;
