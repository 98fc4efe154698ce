/**
 * A whole Vantage installation on one machine, for stories that tests and the demo tell: the harness with our operator
 * and runners in it, a publisher that releases real models, and a client that asks for masks.
 */
package health.vantage.models.system.world;
