"""Records what transformers computes with a model, for bin/parity to compare with.

    python docs/export_reference.py FOLDER [--adapter FOLDER] [--rows 4] [--length 48] [--steps 6] [--seed 0]

FOLDER is a Hugging Face model folder (config.json and safetensors); golden.safetensors and
golden.json are written beside them. Needs torch, transformers and safetensors. Everything is
computed in float32 on the CPU, with eager attention. With an adapter, which needs peft, its
weights alone are trained and the files are written beside it.
"""
import argparse, json, torch, transformers
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

args = argparse.ArgumentParser()
args.add_argument("folder")
args.add_argument("--adapter")
for name, default in (("rows", 4), ("length", 48), ("steps", 6), ("seed", 0)):
    args.add_argument("--" + name, type=int, default=default)
args = args.parse_args()

def load():
    model = AutoModelForCausalLM.from_pretrained(args.folder, dtype=torch.float32, attn_implementation="eager")
    if args.adapter:
        from peft import PeftModel
        model = PeftModel.from_pretrained(model, args.adapter, is_trainable=True)
    return model.train()  # dropout must be 0 in the config

def trained(model):
    return {name.replace(".default.weight", ".weight"): p for name, p in model.named_parameters() if p.requires_grad}

torch.manual_seed(args.seed)
model = load()
vocab = model.config.vocab_size
ids = torch.randint(3, vocab, (args.rows, args.length))
labels = ids.clone()
labels[1::2, : args.length // 5] = -100  # tokens that do not count, at both ends
labels[3::4, -args.length // 6 :] = -100
train_ids = torch.randint(3, vocab, (args.steps, 2 * args.rows, args.length))

output = model(input_ids=ids, labels=labels)
output.loss.backward()
tensors = {"input_ids": ids, "labels": labels, "train_input_ids": train_ids, "logits": output.logits.detach()}
grads = {name: p.grad if p.grad is not None else torch.zeros_like(p) for name, p in trained(model).items()}
tensors |= {"grad." + name: grad for name, grad in grads.items()}

model = load()
optimizer = torch.optim.AdamW(trained(model).values(), lr=1e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)
losses, norms = [], []
for batch in train_ids:
    optimizer.zero_grad()
    loss = model(input_ids=batch, labels=batch).loss
    loss.backward()
    norms.append(torch.nn.utils.clip_grad_norm_(trained(model).values(), 1.0).item())
    optimizer.step()
    losses.append(loss.item())

save_file({name: t.contiguous() for name, t in tensors.items()}, (args.adapter or args.folder) + "/golden.safetensors")
golden = {
    "source": f"transformers {transformers.__version__}, torch {torch.__version__}, eager attention, float32",
    "loss_convention": "labels shifted by one inside the loss; -100 ignored; mean over counted tokens",
    "loss": output.loss.item(),
    "counted_tokens": int((labels[:, 1:] != -100).sum()),
    "grad_norm": torch.stack([g.norm() for g in grads.values()]).norm().item(),
    "grad_norms": {name: g.norm().item() for name, g in grads.items()},
    "train": {
        "optimizer": "AdamW lr 1e-3 betas (0.9,0.95) eps 1e-8 weight_decay 0.1 on every parameter, clip_grad_norm 1.0",
        "losses": losses,
        "grad_norms": norms,
    },
}
with open((args.adapter or args.folder) + "/golden.json", "w") as file:
    json.dump(golden, file, indent=1)
