// Fetches jobs, runs them in onnxruntime-web and posts the answers, until the server ends.
// wire.py defines the encoding of jobs and answers.
import * as ort from "/onnxruntime-web/ort.wasm.bundle.min.mjs";

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = "/onnxruntime-web/";
ort.env.logLevel = "error";

const ARRAYS = {
  bool: Uint8Array, int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array,
  int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array,
  float32: Float32Array, float64: Float64Array,
};
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

class Job {
  constructor(message) {
    const size = new DataView(message).getUint32(0, true);
    this.header = JSON.parse(decoder.decode(new Uint8Array(message, 4, size)));
    this.message = message;
    this.start = 4 + size;
  }

  bytes([start, length]) {
    return new Uint8Array(this.message, this.start + start, length);
  }

  numbers(ArrayType, [start, length]) {
    return new ArrayType(this.message, this.start + start, length / ArrayType.BYTES_PER_ELEMENT);
  }

  strings(encoded) {
    const [data, offsets] = [this.bytes(encoded.data), this.numbers(Int32Array, encoded.offsets)];
    return Array.from({ length: offsets.length - 1 }, (_, i) => decoder.decode(data.subarray(offsets[i], offsets[i + 1])));
  }

  tensor(encoded) {
    const { type, dims } = encoded;
    const data = type === "string" ? this.strings(encoded) : this.numbers(ARRAYS[type], encoded.data);
    return new ort.Tensor(type, data, dims);
  }
}

class Answer {
  parts = [];
  size = 0;

  add(bytes) {
    const start = this.size;
    const padding = (8 - (bytes.byteLength % 8)) % 8;
    this.parts.push(bytes, new Uint8Array(padding));
    this.size += bytes.byteLength + padding;
    return [start, bytes.byteLength];
  }

  describe(tensor) {
    const { type, dims, data } = tensor;
    if (type !== "string") return { type, dims, data: this.add(data) };
    const lone = data.find((text) => !text.isWellFormed());
    if (lone !== undefined) throw new Error(`a lone surrogate in ${JSON.stringify(lone)}`);
    const texts = data.map((text) => encoder.encode(text));
    const offsets = new Int32Array(texts.length + 1);
    texts.forEach((bytes, i) => { offsets[i + 1] = offsets[i] + bytes.length; });
    const joined = new Uint8Array(offsets[texts.length]);
    texts.forEach((bytes, i) => joined.set(bytes, offsets[i]));
    return { type, dims, data: this.add(joined), offsets: this.add(offsets) };
  }

  message(header) {
    const text = encoder.encode(JSON.stringify(header));
    const padding = new Uint8Array((8 - ((text.length + 4) % 8)) % 8).fill(32);
    return new Blob([new Uint32Array([text.length + padding.length]), text, padding, ...this.parts]);
  }
}

function mapped(object, change) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}

async function run(job) {
  const session = await ort.InferenceSession.create(job.bytes(job.header.model), { executionProviders: ["wasm"] });
  try {
    const answer = new Answer();
    const batches = [];
    for (const batch of job.header.batches) {
      const outputs = await session.run(mapped(batch, (encoded) => job.tensor(encoded)));
      batches.push(mapped(outputs, (tensor) => answer.describe(tensor)));
    }
    return answer.message({ batches });
  } finally {
    await session.release();
  }
}

async function work() {
  for (;;) {
    const response = await fetch("/job");
    if (response.status === 204) continue;
    const job = new Job(await response.arrayBuffer());
    const body = await run(job).catch((error) => new Answer().message({ error: String(error?.message ?? error) }));
    await fetch("/answer", { method: "POST", body });
  }
}

await work().catch(() => window.close());
