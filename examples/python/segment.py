#!/usr/bin/env python3
"""Asks a runner for the mask of an image, with grpcio and the protocol file alone: no library of ours, no generated code to keep.

    segment.py --runner localhost:50051 --model text-det --image scan.png --mask mask.png

Prints one line of JSON. Ends with 1 and a sentence when there is no mask.
"""
import argparse
import importlib
import json
import pathlib
import subprocess
import sys
import tempfile

import grpc
import numpy
from PIL import Image

PROTO = pathlib.Path(__file__).resolve().parents[2] / "runner/proto/src/main/proto/open_inference_grpc.proto"
LARGEST_MESSAGE = 256 << 20

# An inference changes nothing on the runner, so it may be asked again; a runner that is full says when to come back.
SERVICE_CONFIG = json.dumps({"methodConfig": [{
    "name": [{"service": "inference.GRPCInferenceService"}],
    "retryPolicy": {
        "maxAttempts": 5, "initialBackoff": "0.2s", "maxBackoff": "2s", "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"],
    },
}]})


def load_messages(proto):
    """The protocol's message classes, made by protoc in a folder that goes away again."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["protoc", f"--proto_path={proto.parent}", f"--python_out={folder}", proto.name], check=True)
        sys.path.insert(0, folder)
        try:
            return importlib.import_module(proto.stem + "_pb2")
        finally:
            sys.path.remove(folder)


class Runner:
    """The calls of inference.GRPCInferenceService, named as Triton's own client names them."""

    def __init__(self, target, proto=PROTO, deadline=30):
        self._messages = load_messages(pathlib.Path(proto))
        self._deadline = deadline
        self._channel = grpc.insecure_channel(target, options=[
            ("grpc.max_receive_message_length", LARGEST_MESSAGE),
            ("grpc.max_send_message_length", LARGEST_MESSAGE),
            ("grpc.enable_retries", 1),
            ("grpc.service_config", SERVICE_CONFIG),
        ])

    def _call(self, method, **fields):
        request = getattr(self._messages, method + "Request")(**fields)
        call = self._channel.unary_unary(
            "/inference.GRPCInferenceService/" + method,
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=getattr(self._messages, method + "Response").FromString)
        return call(request, timeout=self._deadline)

    def is_server_live(self):
        return self._call("ServerLive").live

    def is_server_ready(self):
        return self._call("ServerReady").ready

    def is_model_ready(self, model):
        return self._call("ModelReady", name=model).ready

    def get_model_metadata(self, model):
        return self._call("ModelMetadata", name=model)

    def infer(self, model, inputs, outputs=(), version="", request_id=""):
        """inputs: arrays by name. Gives the version that answered, and arrays by name."""
        arrays = {name: numpy.ascontiguousarray(array) for name, array in inputs.items()}
        request = {
            "model_name": model, "model_version": version, "id": request_id,
            "inputs": [{"name": name, "datatype": DATATYPES[array.dtype.name], "shape": array.shape}
                       for name, array in arrays.items()],
            "outputs": [{"name": name} for name in outputs],
            # "<": little-endian, whatever this machine is.
            "raw_input_contents": [array.astype(array.dtype.newbyteorder("<")).tobytes() for array in arrays.values()],
        }
        answer = self._call("ModelInfer", **request)
        return answer.model_version, {
            tensor.name: numpy.frombuffer(raw, dtype=NUMPY[tensor.datatype]).reshape(tensor.shape)
            for tensor, raw in zip(answer.outputs, answer.raw_output_contents)}

    def close(self):
        self._channel.close()


DATATYPES = {
    "bool": "BOOL", "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64",
    "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64",
    "float16": "FP16", "float32": "FP32", "float64": "FP64",
}
NUMPY = {datatype: numpy.dtype(name).newbyteorder("<") for name, datatype in DATATYPES.items()}


def to_tensor(image):
    """FP32 [1,3,H,W], RGB as (value / 255 - 0.5) / 0.5, padded with white to multiples of 32."""
    pixels = numpy.asarray(image.convert("RGB"), dtype=numpy.float32)
    height, width = (-(-side // 32) * 32 for side in pixels.shape[:2])
    padded = numpy.full((height, width, 3), 255, dtype=numpy.float32)
    padded[: pixels.shape[0], : pixels.shape[1]] = pixels
    return ((padded / 255 - 0.5) / 0.5).transpose(2, 0, 1)[numpy.newaxis]


def main():
    parser = argparse.ArgumentParser(description="Asks a runner for the mask of an image.")
    parser.add_argument("--runner", default="localhost:50051", help="host:port or unix:/path")
    parser.add_argument("--model", default="text-det")
    parser.add_argument("--image", required=True)
    parser.add_argument("--mask", required=True)
    parser.add_argument("--proto", default=PROTO)
    parser.add_argument("--threshold", type=float, default=0.3)
    parser.add_argument("--deadline", type=float, default=30, help="seconds, for all attempts")
    options = parser.parse_args()

    runner = Runner(options.runner, options.proto, options.deadline)
    try:
        live, ready = runner.is_server_live(), runner.is_server_ready()
        model_ready = runner.is_model_ready(options.model)
        metadata = runner.get_model_metadata(options.model)
        with Image.open(options.image) as image:
            width, height = image.size
            tensor = to_tensor(image)
        version, answers = runner.infer(options.model, {metadata.inputs[0].name: tensor}, request_id=options.image)
        mask = answers[metadata.outputs[0].name][0, 0, :height, :width] >= options.threshold
        Image.fromarray(mask.astype(numpy.uint8) * 255).save(options.mask)
    except grpc.RpcError as error:
        sys.exit(f"{options.runner}, model {options.model}: {error.code().name}: {error.details()}")
    except OSError as error:
        sys.exit(f"{options.image}: {error}")
    finally:
        runner.close()
    print(json.dumps({
        "live": live, "ready": ready, "model_ready": model_ready, "platform": metadata.platform,
        "input": metadata.inputs[0].name, "version": version, "found": int(mask.sum()),
    }))


if __name__ == "__main__":
    main()
