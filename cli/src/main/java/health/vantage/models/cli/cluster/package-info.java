/** The commands that speak to a cluster: what a ModelDeployment does, why, what came before, and how to go back. */
package health.vantage.models.cli.cluster;
