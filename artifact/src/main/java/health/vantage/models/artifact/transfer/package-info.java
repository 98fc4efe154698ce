/** Moving whole artifacts between repositories. */
package health.vantage.models.artifact.transfer;
