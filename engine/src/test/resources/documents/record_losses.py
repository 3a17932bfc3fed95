"""Records transformers' loss of rows that hold several documents: python record_losses.py ../hf/llama ..."""
import json, os, sys, torch
from transformers import AutoModelForCausalLM

LENGTHS = [[5, 11, 8], [24], [3, 1, 12, 8], [7, 17]]
positions = torch.tensor([[i for length in row for i in range(length)] for row in LENGTHS])
losses = {}
for folder in sys.argv[1:]:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    vocab = model.config.vocab_size
    ids = torch.tensor([[(i * i * 7 + i * 13 + row * 29 + 1) % vocab for i in range(24)] for row in range(4)])
    with torch.no_grad():  # positions that begin anew tell transformers where documents do
        logits = model(input_ids=ids, position_ids=positions).logits
    labels = ids.masked_fill(positions == 0, -100)[:, 1:]
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, vocab), labels.reshape(-1))
    losses[os.path.basename(folder)] = loss.item()
print(json.dumps(losses, indent=2))
