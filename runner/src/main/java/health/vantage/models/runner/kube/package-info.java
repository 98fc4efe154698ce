/** The way to the API server: instructions from the ModelNode's spec, our status back. Nothing here is needed to serve. */
package health.vantage.models.runner.kube;
