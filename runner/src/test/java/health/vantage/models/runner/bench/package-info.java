/**
 * {@code make bench}, the runner's part: a server in a process of its own, callers in this one, and ONNX Runtime in the callers'
 * process as what they would have without a server. See {@code docs/performance.md}.
 */
package health.vantage.models.runner.bench;
