/**
 * The Open Inference Protocol over HTTP, with Triton's binary extension: {@code RestFace} finds the resource, {@code InferRequest} reads a
 * request's JSON and the bytes behind it, {@code InferResponse} writes them, {@code JsonTensors} turns numbers in JSON into bytes and back.
 */
package health.vantage.models.runner.rest;
