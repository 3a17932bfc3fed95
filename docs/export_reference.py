"""Records what transformers computes with a model, for bin/parity to compare with.

    python docs/export_reference.py FOLDER [ADAPTER_FOLDER]

golden.safetensors and golden.json go beside the model, or beside an adapter that peft saved, whose
weights alone are then trained. In float32 on the CPU, with eager attention.
"""

import json, re, sys, torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

folder, *adapter = sys.argv[1:]
how = {"dtype": torch.float32, "attn_implementation": "eager"}
model = AutoModelForCausalLM.from_pretrained(folder, **how)
if adapter:
    from peft import PeftModel

    model = PeftModel.from_pretrained(model, adapter[0], is_trainable=True)
    model.eval()  # peft leaves its dropout on, and nobody could compare with that
tokens = torch.randint(3, model.config.vocab_size, (7, 8, 48), generator=torch.manual_seed(0))
ids, labels, batches = tokens[0], tokens[0].clone(), tokens[1:]
labels[1::2, :9] = labels[3::4, -8:] = -100  # tokens that do not count, at both ends
output = model(input_ids=ids, labels=labels)
output.loss.backward()
# As peft names in its files what is trained.
ours = r"\.modules_to_save\.default|(?<=lora_magnitude_vector)\.default\.weight$|\.default(?=\.|$)"
named = ((re.sub(ours, "", n), p.grad) for n, p in model.named_parameters())
tensors = {"grad." + n: gradient for n, gradient in named if gradient is not None}
logits = output.logits.detach()
tensors |= {"input_ids": ids, "labels": labels, "train_input_ids": batches, "logits": logits}
save_file(tensors, sys.argv[-1] + "/golden.safetensors")
train = {"losses": [], "grad_norms": []}
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1)
for batch in batches:
    optimizer.zero_grad()
    loss = model(input_ids=batch, labels=batch).loss
    loss.backward()
    train["losses"].append(loss.item())
    train["grad_norms"].append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
    optimizer.step()
with open(sys.argv[-1] + "/golden.json", "w") as file:
    json.dump({"loss": output.loss.item(), "train": train}, file)
