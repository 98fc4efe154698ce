import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { PictureTensor } from "./picture.js";

/** The parts of the Open Inference Protocol, version 2, that this step uses; bytes are little-endian and row-major. */
interface InferRequest {
  model_name: string;
  id: string;
  inputs: { name: string; datatype: string; shape: number[] }[];
  raw_input_contents: Buffer[];
}

interface InferResponse {
  model_name: string;
  model_version: string;
  outputs: { name: string; datatype: string; shape: number[] }[];
  raw_output_contents: Buffer[];
}

interface InferenceService extends grpc.Client {
  modelInfer(
    request: InferRequest,
    options: grpc.CallOptions,
    callback: (error: grpc.ServiceError | null, response?: InferResponse) => void,
  ): grpc.ClientUnaryCall;
}

export interface Mask {
  readonly version: string;
  readonly shape: number[];
  readonly values: Float32Array;
}

const LARGEST_MESSAGE = 256 << 20;

/** An inference changes nothing on the runner, so it may be asked again; a runner that is full says when to come back. */
const SERVICE_CONFIG = {
  loadBalancingConfig: [],
  methodConfig: [
    {
      name: [{ service: "inference.GRPCInferenceService", method: "ModelInfer" }],
      retryPolicy: {
        maxAttempts: 5,
        initialBackoff: "0.2s",
        maxBackoff: "2s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE", "RESOURCE_EXHAUSTED"],
      },
    },
  ],
};

export class Runner {
  private readonly service: InferenceService;

  /** @param target host:port or unix:/absolute/path; @param proto open_inference_grpc.proto */
  constructor(target: string, proto: string) {
    const definition = loadSync(proto, { keepCase: true, longs: Number, defaults: true });
    const loaded = grpc.loadPackageDefinition(definition) as unknown as {
      inference: { GRPCInferenceService: grpc.ServiceClientConstructor };
    };
    this.service = new loaded.inference.GRPCInferenceService(target, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": LARGEST_MESSAGE,
      "grpc.max_send_message_length": LARGEST_MESSAGE,
      "grpc.service_config": JSON.stringify(SERVICE_CONFIG),
      // What does not fit into these is sent once only.
      "grpc.per_rpc_retry_buffer_size": LARGEST_MESSAGE,
      "grpc.retry_buffer_size": LARGEST_MESSAGE,
    }) as unknown as InferenceService;
  }

  /** @throws grpc.ServiceError with the runner's own sentence */
  async segment(model: string, id: string, tensor: PictureTensor, deadlineMs: number): Promise<Mask> {
    const request: InferRequest = {
      model_name: model,
      id,
      inputs: [{ name: "x", datatype: "FP32", shape: tensor.shape }],
      raw_input_contents: [tensor.bytes],
    };
    const response = await new Promise<InferResponse>((resolve, reject) => {
      this.service.modelInfer(request, { deadline: Date.now() + deadlineMs }, (error, answer) =>
        error ? reject(error) : resolve(answer!),
      );
    });
    const [output] = response.outputs;
    const [bytes] = response.raw_output_contents;
    const [, , height, width] = tensor.shape;
    if (!output || !bytes || output.datatype !== "FP32" || output.shape.join() !== `1,1,${height},${width}`) {
      throw new Error(
        `model ${model} ${response.model_version} gave ${output?.datatype} [${output?.shape}], ` +
          `and a mask is FP32 [1,1,${height},${width}]`,
      );
    }
    // A copy: a Float32Array must begin at a multiple of 4, and a message's field need not.
    const values = new Float32Array(new Uint8Array(bytes).buffer);
    return { version: response.model_version, shape: output.shape, values };
  }

  close(): void {
    this.service.close();
  }
}
