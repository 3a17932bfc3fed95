"""Records how far transformers in bfloat16 is from transformers in float32: python record_distances.py ../hf/*/

By the measures of ParityReport, against the float32 numbers that docs/export_reference.py recorded. The
model computes in bfloat16, with eager attention; AdamW changes a float32 copy of its weights.
"""
import json, os, sys, torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM


def relative(x, y):
    return abs(x - y) / abs(y)


report = {}
for folder in sys.argv[1:]:
    folder = folder.rstrip("/")
    golden = load_file(folder + "/golden.safetensors")
    with open(folder + "/golden.json") as file:
        recorded = json.load(file)
    exact, half = (AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager")
                   for dtype in (torch.float32, torch.bfloat16))
    output = half(input_ids=golden["input_ids"], labels=golden["labels"])
    output.loss.backward()
    gradients = {"grad." + n: p.grad.float() for n, p in half.named_parameters() if p.grad is not None}
    here = report[os.path.basename(folder)] = {
        "logits": (output.logits.float() - golden["logits"]).abs().max().item(),
        "loss": relative(output.loss.item(), recorded["loss"]),
        "gradient": max(((g - golden[n]).abs().max() / golden[n].abs().max()).item()
                        for n, g in gradients.items() if n in golden and golden[n].abs().max() > 1e-6)}
    half.zero_grad()
    optimizer = torch.optim.AdamW(exact.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1)
    losses = []
    for batch in golden["train_input_ids"]:
        loss = half(input_ids=batch, labels=batch).loss
        loss.backward()
        losses.append(loss.item())
        for p, q in zip(exact.parameters(), half.parameters()):
            p.grad, q.grad = q.grad.float(), None
        torch.nn.utils.clip_grad_norm_(exact.parameters(), 1.0)
        optimizer.step()
        with torch.no_grad():
            for p, q in zip(exact.parameters(), half.parameters()):
                q.copy_(p)
    here["curve"] = max(map(relative, losses, recorded["train"]["losses"]))
print(json.dumps({n: {k: float(f"{v:.3g}") for k, v in r.items()} for n, r in report.items()}, indent=1))
