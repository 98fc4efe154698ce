/**
 * Starting fast: what the launcher lets the JVM learn once, so that later starts need not load, link and warm up again. See
 * {@code bin/kubectl-model}.
 */
package health.vantage.models.cli.start;
