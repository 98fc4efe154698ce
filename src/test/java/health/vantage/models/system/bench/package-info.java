/** Measures the operator on a real API server; {@code hack/bench-rollout} runs it. */
package health.vantage.models.system.bench;
