/**
 * The command {@code kubectl model}. One class per command; what they share is in {@link RegistryFlags} (how to reach
 * registries), {@link Table} and {@link OutputFormat} (how to show things), and {@link ExitCodes} (how to end).
 */
package health.vantage.models.cli;
