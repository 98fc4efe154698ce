/** How far long work is, for whoever waits for it. */
package health.vantage.models.artifact.progress;
