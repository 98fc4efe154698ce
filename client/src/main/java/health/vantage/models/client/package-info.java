/**
 * Asks runners: {@link health.vantage.models.client.RunnerClient} holds the connection, {@link
 * health.vantage.models.client.ModelClient} asks one model, {@link health.vantage.models.client.Tensor} goes in and comes back, {@link
 * health.vantage.models.client.ImageEncoding} makes tensors of images. Speaks the Open Inference Protocol, version 2, and {@code
 * grpc.health.v1}, so it works with Triton as well.
 */
package health.vantage.models.client;
