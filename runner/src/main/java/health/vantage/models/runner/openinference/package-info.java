/** What the two faces of the Open Inference Protocol, gRPC and REST, have in common: its parameters and what they ask for. */
package health.vantage.models.runner.openinference;
