/** OpenTelemetry: off unless a collector is named, and then no class of its SDK is loaded. */
package health.vantage.models.runner.trace;
