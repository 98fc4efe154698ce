// A client of the Open Inference Protocol that nobody here wrote the wire code of: @grpc/grpc-js with
// @grpc/proto-loader. Usage: node open-inference.js <proto file> <host:port or unix:/path>
// The runner must serve "doubler", y = 2 x, FP32[1,3]. Prints one JSON object; exits 1 with a sentence otherwise.
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [proto, target] = process.argv.slice(2);
const definition = loader.loadSync(proto, {keepCase: true, longs: Number, defaults: true});
const {inference} = grpc.loadPackageDefinition(definition);
const client = new inference.GRPCInferenceService(target, grpc.credentials.createInsecure());
const call = (method, request) =>
  new Promise((resolve, reject) =>
    client[method](request, {deadline: Date.now() + 20000}, (error, answer) => (error ? reject(error) : resolve(answer))));

async function main() {
  const input = Buffer.alloc(12);
  [1, 2, 3].forEach((value, i) => input.writeFloatLE(value, 4 * i));
  const request = {
    model_name: 'doubler', id: 'js-1', raw_input_contents: [input],
    inputs: [{name: 'x', datatype: 'FP32', shape: [1, 3]}],
  };
  const answer = await call('ModelInfer', request);
  const output = answer.raw_output_contents[0];
  const refused = await call('ModelInfer', {...request, raw_input_contents: [input.subarray(4)]}).catch(e => e);
  console.log(JSON.stringify({
    live: (await call('ServerLive', {})).live,
    ready: (await call('ServerReady', {})).ready,
    server: (await call('ServerMetadata', {})).name,
    model: (await call('ModelReady', {name: 'doubler'})).ready,
    metadata: await call('ModelMetadata', {name: 'doubler'}),
    id: answer.id, version: answer.model_version, shape: answer.outputs[0].shape,
    values: [0, 4, 8].map(at => output.readFloatLE(at)),
    refusedCode: refused.code, refusedDetails: refused.details,
  }));
  client.close();
}

main().catch(error => { console.error(String(error)); process.exit(1); });
