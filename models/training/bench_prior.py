"""The PyTorch side of `tangent bench prior`: film-resunet evaluations on the CPU, timed on request.

    python bench_prior.py --weights weights.safetensors --config config.json --input x.f32 --time -0.3 \
        --shape 1,2,256,256 --threads 2

`config.json` is the manifest's `architecture`; the weights are a safetensors file, the input raw float32. Prints one JSON
line with the version and the ways of running that work here, then answers lines on standard input:
`run WAY` with {"wall", "cpu"} in seconds, `output WAY FILE` by writing the network's output as raw float32.

Ways, all of the same module: `eager` (contiguous), `channels-last`, `onednn` (frozen TorchScript with weights laid out
for oneDNN and fused by it), `compiled` (torch.compile with frozen weights), each in float32; `bfloat16` is `channels-last`
under autocast, which changes the numbers.
"""
import argparse
import json
import os
import struct
import sys
import time
import warnings
import numpy as np
import torch
from net import FilmResUNet


def safetensors(path):
    kinds = {"F32": np.float32, "F16": np.float16}
    with open(path, "rb") as f:
        (n,) = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(n))
        data = f.read()
    out = {}
    for name, t in header.items():
        if name == "__metadata__":
            continue
        begin, end = t["data_offsets"]
        a = np.frombuffer(data[begin:end], kinds[t["dtype"]]).astype(np.float32).reshape(t["shape"])
        out[name] = torch.from_numpy(a)
    return out


def build(config, weights):
    net = FilmResUNet(config["channels"], config["width"], config["mult"], config["blocks"], config["embedding"])
    net.load_state_dict(safetensors(weights))
    return net.eval().requires_grad_(False)


def ways(make, x, t):
    """Callables by name, each called twice so that compilation and packing are done; those that fail are left out."""

    def last():
        net, y = make().to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
        return lambda: net(y, t)

    def onednn():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            net = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(make(), (x, t))))
        return lambda: net(x, t)

    def compiled():
        import torch._inductor.config as inductor
        inductor.freezing = True
        net, y = torch.compile(make().to(memory_format=torch.channels_last)), x.contiguous(memory_format=torch.channels_last)
        return lambda: net(y, t)

    def bfloat16():
        plain = last()

        def call():
            with torch.autocast("cpu", torch.bfloat16):
                return plain()

        return call

    def eager():
        net = make()
        return lambda: net(x, t)

    found, failed = {}, {}
    for way in (eager, last, onednn, compiled, bfloat16):
        name = {"last": "channels-last"}.get(way.__name__, way.__name__)
        try:
            call = way()
            call(), call()
            found[name] = call
        except Exception as e:
            failed[name] = str(e).splitlines()[0] if str(e) else type(e).__name__
    return found, failed


def main():
    p = argparse.ArgumentParser()
    for name in ("weights", "config", "input", "shape"):
        p.add_argument(f"--{name}", required=True)
    p.add_argument("--time", type=float, required=True)
    p.add_argument("--threads", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    shape = [int(n) for n in args.shape.split(",")]
    x = torch.from_numpy(np.fromfile(args.input, np.float32).reshape(shape))
    t = torch.full((shape[0],), args.time)
    with open(args.config) as f:
        config = json.load(f)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever the compiler prints goes to standard error
    with torch.inference_mode():
        found, failed = ways(lambda: build(config, args.weights), x, t)
        answers.write(json.dumps({"version": torch.__version__, "ways": list(found), "failed": failed}) + "\n")
        for line in sys.stdin:
            verb, way, *rest = line.split(maxsplit=2)
            if verb == "run":
                wall, cpu = time.perf_counter(), time.process_time()
                found[way]()
                answer = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
            else:
                found[way]().float().contiguous().numpy().tofile(rest[0].strip())
                answer = {}
            answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
