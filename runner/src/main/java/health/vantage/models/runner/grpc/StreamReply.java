package health.vantage.models.runner.grpc;

import health.vantage.models.runner.proto.v2.ModelInferResponse;

/**
 * One message of {@code ModelStreamInfer}.
 *
 * @param error empty where the answer is one
 * @param answer of a request that failed only its id
 */
record StreamReply(String error, Outgoing<ModelInferResponse> answer) {}
